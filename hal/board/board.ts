import { z } from 'zod'
import { KioskError } from '../../src/base/errors.ts'
import { suggest } from '../../src/base/suggest.ts'
import { driverNames, partDrivers } from './drivers.ts'
import type { PartDriver } from './part-driver.ts'
import { headerPins, isRaspberryPi } from './raspberry-pi-header.ts'
import { placeOf, textOf, type Wire, type Wiring, wiresIn } from './wiring.ts'

const PARTS_MAX = 64
const NOTE_MAX = 500
const PROBLEMS_MAX = 100
/** Larger than any board file; with every part spelt out it is about 4 kB. */
export const BOARD_BYTES_MAX = 64 * 1024

const slug = z.string().regex(/^[a-z0-9-]{1,36}$/, 'must be 1 to 36 of a-z, 0-9 and -')
const note = z.string().max(NOTE_MAX)
const partName = slug.meta({ doc: 'What technicians call the part; once on a board.' })

/** A part as the file has it: its driver's schema reads the rest. */
const partSchema = z.looseObject({
  name: partName,
  driver: z.string().min(1).max(60).meta({ doc: 'Which driver speaks to it.' }),
})

const boardFields = {
  $schema: z.string().max(NOTE_MAX).optional().meta({ doc: 'Where editors find the schema of this file.' }),
  id: slug.meta({ doc: 'Name of the kiosk model.' }),
  note: note.optional().meta({ doc: 'What technicians should know of this model.' }),
}
const boardSchema = z.strictObject({ ...boardFields, parts: z.array(partSchema).max(PARTS_MAX) })

/** A kiosk model as data: which part, by which driver, on which bus or pin. */
export type Board = z.infer<typeof boardSchema>
export type Part = Board['parts'][number]

/** One thing that is wrong with a board file, for a person: `where` is a path such as `parts.2.on.gpio`. */
export interface BoardProblem {
  readonly where: string
  readonly problem: string
}

/** What a part of this driver may hold in a board file. */
export function partSchemaOf(name: string, driver: PartDriver) {
  return z.strictObject({
    name: partName,
    driver: z.literal(name),
    note: note.optional(),
    ...(driver.on && { on: driver.on }),
    ...driver.settings,
  })
}

/** The board that a file's text describes, as far as it is one, and everything that is wrong with it. */
export function checkBoard(text: string): {
  readonly board?: Board
  readonly problems: readonly BoardProblem[]
} {
  if (text.length > BOARD_BYTES_MAX)
    return { problems: [whole(`is longer than ${BOARD_BYTES_MAX} characters`)] }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problems: [whole('is not JSON: look for a missing comma or quote')] }
  }
  const result = boardSchema.safeParse(value)
  if (!result.success) return { problems: problemsOf(result.error, []) }
  return { board: result.data, problems: partProblems(result.data).slice(0, PROBLEMS_MAX) }
}

/** Reads a board file. Throws `config/bad-value`, with the first complaint, for what is no board. */
export function readBoard(text: string): Board {
  const { board, problems } = checkBoard(text)
  if (board === undefined || problems.length > 0) {
    const [{ where, problem }] = problems
    throw new KioskError('config/bad-value', { where: `board.${where}`, problem, wrong: problems.length })
  }
  return board
}

/** A part with its driver, and what the driver's schema made of its fields. */
export interface ReadPart {
  readonly part: Part
  readonly driver: PartDriver
  readonly fields: Parameters<PartDriver['load']>[0]
}

/** The wires of a part, in the order of its file. Throws as `readPart`. */
export function wiresOf(part: Part): readonly Wire[] {
  return wiresIn(readPart(part).fields.on)
}

/** Throws `config/bad-value` for a part that `checkBoard` complains of. */
export function readPart(part: Part): ReadPart {
  const driver = partDrivers.get(part.driver)
  const result = driver && partSchemaOf(part.driver, driver).safeParse(part)
  if (driver !== undefined && result?.success)
    return { part, driver, fields: result.data as unknown as ReadPart['fields'] }
  const [{ problem }] = partProblems({ id: 'board', parts: [part] })
  throw new KioskError('config/bad-value', { where: `part ${part.name}`, problem })
}

function partProblems(board: Board): BoardProblem[] {
  const problems: BoardProblem[] = []
  const names = new Set<string>()
  const wired: { readonly where: string; readonly part: string; readonly wiring: Wiring }[] = []
  board.parts.forEach((part, i) => {
    const where = (...path: PropertyKey[]) => ['parts', i, ...path].join('.')
    if (names.has(part.name))
      problems.push({ where: where('name'), problem: `two parts are called ${part.name}: rename one` })
    names.add(part.name)
    const driver = partDrivers.get(part.driver)
    if (driver === undefined) {
      problems.push({ where: where('driver'), problem: unknownDriver(part) })
      return
    }
    const result = partSchemaOf(part.driver, driver).safeParse(part)
    if (!result.success) {
      problems.push(...problemsOf(result.error, ['parts', i], part.name))
      return
    }
    for (const { name, wiring } of wiresIn((result.data as { on?: unknown }).on))
      wired.push({ where: where('on', name), part: part.name, wiring })
  })
  const isPi = isRaspberryPi(wired.map(({ wiring }) => wiring))
  wired.forEach((wire, i) => {
    const clash = wired
      .slice(0, i)
      .map(other => clashOf(other, wire, isPi))
      .find(text => text !== undefined)
    if (clash !== undefined) problems.push({ where: wire.where, problem: clash })
  })
  return problems
}

type Wired = { readonly part: string; readonly wiring: Wiring }

/** What is wrong with two wires that cannot both be; undefined where they can. */
function clashOf(a: Wired, b: Wired, isPi: boolean): string | undefined {
  const place = placeOf(b.wiring)
  if (placeOf(a.wiring) === place)
    return `${a.part} and ${b.part} are both wired to ${place}: move one of them`
  const isSharedBus = a.wiring.bus === 'i2c' && b.wiring.bus === 'i2c'
  if (!isPi || isSharedBus) return undefined
  const pin = headerPins(b.wiring).find(({ pin }) => headerPins(a.wiring).some(other => other.pin === pin))
  if (pin === undefined) return undefined
  const both = `${a.part} (${textOf(a.wiring)}) and ${b.part} (${textOf(b.wiring)})`
  return `${both} both need pin ${pin.pin} of the header: move one of them`
}

function unknownDriver(part: Part): string {
  const meant = suggest(part.driver, driverNames)
  const remedy = meant === undefined ? `there are ${driverNames.join(', ')}` : `did you mean ${meant}?`
  return `${part.name}: there is no driver ${part.driver}; ${remedy}`
}

function problemsOf(error: z.ZodError, path: PropertyKey[], part?: string): BoardProblem[] {
  return error.issues.slice(0, PROBLEMS_MAX).map(issue => ({
    where: [...path, ...issue.path].join('.') || '(whole file)',
    problem: part === undefined ? issue.message : `${part}: ${issue.message}`,
  }))
}

function whole(problem: string): BoardProblem {
  return { where: '(whole file)', problem: `the file ${problem}` }
}

/** JSON Schema (2020-12) of a board file, for editors: one form of part for each driver. */
export function boardJsonSchema(): Record<string, unknown> {
  const [first, ...others] = [...partDrivers].map(([name, driver]) =>
    partSchemaOf(name, driver).meta({ doc: `${driver.summary} (${driver.kind}).` }),
  )
  const parts = z.array(z.union([first, ...others])).max(PARTS_MAX)
  return z.toJSONSchema(z.strictObject({ ...boardFields, parts }), {
    io: 'input',
    override: ({ jsonSchema }) => {
      if (typeof jsonSchema.doc !== 'string') return
      jsonSchema.description = jsonSchema.doc
      delete jsonSchema.doc
    },
  })
}
