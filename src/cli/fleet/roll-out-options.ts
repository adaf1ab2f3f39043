/** Options of every command that sends something to many kiosks. */
import { z } from 'zod'

export const toOption = z
  .array(z.string().regex(/^[a-z0-9-]{1,36}$/))
  .min(1)
  .max(32)
  .meta({ doc: 'Group, or one kiosk, or all; may be given several times.', value: 'GROUP' })

// What is said of an option is said of the whole of it, its default too.
export const canaryOption = (fallback: string) =>
  z
    .string()
    .regex(/^([1-9]|[1-9][0-9]|100)%?$/, 'must be 1% to 100%')
    .default(fallback)
    .meta({
      doc: 'Share of the kiosks to try it first; the others only get it if those keep it.',
      value: 'N%',
    })

export const failuresMaxOption = z.coerce
  .number()
  .int()
  .min(0)
  .max(100_000)
  .default(0)
  .meta({ doc: 'Kiosks that may fail before the others are left out.', value: 'N' })
