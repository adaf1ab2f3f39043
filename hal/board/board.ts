import { z } from 'zod'
import { KioskError } from '../../src/base/errors.ts'

const PARTS_MAX = 64
const slug = z.string().regex(/^[a-z0-9-]{1,36}$/)

/** Where a part is wired: a bus or pin as Linux names it. The driver says which of them it needs. */
const wiring = z.record(z.string().max(20), z.string().max(200))

/** A kiosk model as data: which part, by which driver, on which bus or pin. */
export const boardSchema = z
  .strictObject({
    id: slug.meta({ doc: 'Name of the kiosk model.' }),
    parts: z
      .array(
        z.strictObject({
          name: slug.meta({ doc: 'What technicians call the part; once on a board.' }),
          driver: slug.meta({ doc: 'Which driver speaks to it.' }),
          on: wiring
            .optional()
            .meta({ doc: 'Bus or pin by kind, for instance {"gpio": "pinctrl-bcm2711:17"}.' }),
        }),
      )
      .max(PARTS_MAX),
  })
  .superRefine((board, context) => {
    complainOfTwins(
      context,
      'two parts are called',
      board.parts.map(part => part.name),
    )
    complainOfTwins(
      context,
      'two parts are wired to',
      board.parts.flatMap(part => Object.values(part.on ?? {})),
    )
  })
export type Board = z.infer<typeof boardSchema>
export type Part = Board['parts'][number]

function complainOfTwins(context: z.RefinementCtx, what: string, values: readonly string[]): void {
  const seen = new Set<string>()
  for (const value of values) {
    if (seen.has(value)) context.addIssue({ code: 'custom', path: ['parts'], message: `${what} ${value}` })
    seen.add(value)
  }
}

/** Reads a board file. Throws `config/bad-value`, with the first complaint, for what is no board. */
export function readBoard(text: string): Board {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new KioskError('config/bad-value', { where: 'board', problem: 'is not JSON' }, { cause })
  }
  const result = boardSchema.safeParse(value)
  if (result.success) return result.data
  const [{ path, message }] = result.error.issues
  throw new KioskError('config/bad-value', { where: ['board', ...path].join('.'), problem: message })
}
