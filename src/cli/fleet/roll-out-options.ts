/** Options of every command that sends something to many kiosks. */
import { z } from 'zod'
import { type Plan, planSchema } from '../../fleet/roll-outs/roll-out.ts'

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

const DAY_SECONDS = 86_400

/** How a roll-out of the book goes; `waitSeconds`: how long one kiosk may take where nobody says. */
export const planOptions = (waitSeconds: number) => ({
  to: toOption,
  canary: canaryOption('5%'),
  failuresMax: failuresMaxOption,
  pace: z.coerce.number().int().min(1).optional().meta({
    doc: 'Kiosks a minute after the first share. Left out: as fast as the broker takes them.',
    value: 'N',
  }),
  growth: z.coerce
    .number()
    .min(1)
    .max(10)
    .default(1)
    .meta({ doc: 'By how much the pace grows every minute.', value: 'FACTOR' }),
  wait: z.coerce
    .number()
    .min(1)
    .max(30 * DAY_SECONDS)
    .default(waitSeconds)
    .meta({ doc: 'How long one kiosk may take before it is given up.', value: 'SECONDS' }),
})
export type PlanOptions = z.infer<z.ZodObject<ReturnType<typeof planOptions>>>

export function planOf({ to, canary, failuresMax, pace, growth, wait }: PlanOptions): Plan {
  return planSchema.parse({
    to,
    canaryPercent: Number.parseInt(canary, 10),
    failuresMax,
    perMinute: pace,
    growth,
    waitMs: Math.round(wait * 1000),
  })
}
