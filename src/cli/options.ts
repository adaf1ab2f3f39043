import { parseArgs } from 'node:util'
import { z } from 'zod'
import { KioskError } from '../base/errors.ts'
import { suggest } from '../base/suggest.ts'
import type { Command } from './command.ts'

/** One option as a person writes it. */
export interface OptionUse {
  /** Name in the schema. */
  readonly key: string
  /** `--raw`, without the dashes. */
  readonly flag: string
  readonly short?: string
  readonly kind: 'switch' | 'value' | 'list'
  readonly isRequired: boolean
  /** For the help: FILE, N, `a|b`. */
  readonly value: string
  readonly doc: string
  readonly fallback?: unknown
}

/** What every command understands, beside its own options. */
const COMMON: readonly OptionUse[] = [
  {
    key: 'json',
    flag: 'json',
    kind: 'switch',
    isRequired: false,
    value: '',
    doc: 'Print one JSON object a line, for programs.',
  },
  {
    key: 'help',
    flag: 'help',
    short: 'h',
    kind: 'switch',
    isRequired: false,
    value: '',
    doc: 'Print this help.',
  },
]

interface JsonField {
  type?: string
  enum?: readonly unknown[]
  default?: unknown
  doc?: string
  unit?: string
  short?: string
  value?: string
}

/** The options of a command, from its schema, then those common to all. */
export function optionUses(command: Command): readonly OptionUse[] {
  // `any`: a schema that turns its text into something else has no JSON type; it takes a value.
  const schema = z.toJSONSchema(command.options, { unrepresentable: 'any' })
  const fields = Object.entries((schema.properties ?? {}) as Record<string, JsonField>)
  const own = fields.map(([key, field]): OptionUse => {
    const kind = field.type === 'boolean' ? 'switch' : field.type === 'array' ? 'list' : 'value'
    return {
      key,
      flag: key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`),
      short: field.short,
      kind,
      isRequired: (schema.required ?? []).includes(key) && field.default === undefined,
      value: kind === 'switch' ? '' : (field.value ?? placeholder(field)),
      doc: field.doc ?? '',
      fallback: kind === 'switch' ? undefined : field.default,
    }
  })
  return [...own, ...COMMON]
}

function placeholder(field: JsonField): string {
  if (field.enum !== undefined) return field.enum.join('|')
  if (field.type === 'number' || field.type === 'integer') return field.unit?.toUpperCase() ?? 'N'
  return 'TEXT'
}

export interface Parsed {
  readonly help: boolean
  readonly json: boolean
  readonly options: Record<string, unknown>
  readonly args: readonly string[]
}

/** Throws `usage/bad-option` with the reason in words. With `--help` nothing is checked. */
export function parseCommandLine(command: Command, words: readonly string[]): Parsed {
  const uses = optionUses(command)
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      uses.map(({ flag, short, kind }) => [
        flag,
        { type: kind === 'switch' ? ('boolean' as const) : ('string' as const), ...(short ? { short } : {}) },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given: Record<string, unknown> = {}
  const args: string[] = []
  const mistakes: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') args.push(token.value)
    if (token.kind !== 'option') continue
    const use = uses.find(({ flag }) => flag === token.name)
    if (use === undefined) mistakes.push(unknownOption(token.rawName, uses))
    else mistakes.push(...take(use, token.rawName, token.value, given))
  }
  if (given.help === true) return { help: true, json: false, options: {}, args }
  if (mistakes.length > 0) throw badOption(mistakes[0])
  checkArgs(command, args)
  const { help: _, json, ...own } = given
  return { help: false, json: json === true, options: checkOptions(command, uses, own), args }
}

/** Puts one option into `given`; what is wrong with it, if anything. */
function take(
  use: OptionUse,
  rawName: string,
  value: string | undefined,
  given: Record<string, unknown>,
): string[] {
  if (use.kind === 'switch') {
    given[use.key] = true
    return value === undefined ? [] : [`${rawName} takes no value`]
  }
  if (value === undefined) return [`${rawName} needs a value: ${rawName} ${use.value}`]
  if (use.kind === 'list') given[use.key] = [...((given[use.key] as string[] | undefined) ?? []), value]
  else if (use.key in given) return [`${rawName} is given twice`]
  else given[use.key] = value
  return []
}

function checkArgs(command: Command, args: readonly string[]): void {
  const wanted = command.args ?? []
  if (args.length < wanted.length) throw badOption(`${wanted[args.length].name} is missing`)
  const takesMore = wanted.at(-1)?.many === true
  if (args.length > wanted.length && !takesMore)
    throw badOption(`"${args[wanted.length]}" is one word too many`)
}

function checkOptions(
  command: Command,
  uses: readonly OptionUse[],
  given: Record<string, unknown>,
): Record<string, unknown> {
  const missing = uses.find(({ isRequired, key }) => isRequired && !(key in given))
  if (missing !== undefined) throw badOption(`${written(missing)} ${missing.value} is missing`)
  const result = command.options.safeParse(given)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const use = uses.find(({ key }) => key === issue.path[0])
  throw badOption(`${use === undefined ? '' : `${written(use)}: `}${issue.message}`)
}

function written({ flag, short }: OptionUse): string {
  return short === undefined ? `--${flag}` : `-${short}`
}

function unknownOption(rawName: string, uses: readonly OptionUse[]): string {
  const meant = suggest(
    rawName,
    uses.map(({ flag }) => `--${flag}`),
  )
  return `there is no option ${rawName}${meant === undefined ? '' : `; did you mean ${meant}?`}`
}

export function badOption(why: string): KioskError {
  return new KioskError('usage/bad-option', { why })
}
