import type { Command } from './command.ts'
import { optionUses } from './options.ts'

/** How one command is used: its line, arguments, options. */
export function commandHelp(command: Command): string {
  const args = command.args ?? []
  const uses = optionUses(command)
  const required = uses.filter(use => use.isRequired)
  const line = [
    `tunggal ${command.name}`,
    ...args.map(({ name, many }) => (many ? `${name}…` : name)),
    ...required.map(use => `${use.short === undefined ? `--${use.flag}` : `-${use.short}`} ${use.value}`),
    '[options]',
  ].join(' ')
  const optionRows = uses.map(use => {
    const flag = `--${use.flag}${use.value === '' ? '' : ` ${use.value}`}`
    const fallback = use.fallback === undefined ? '' : ` Default: ${use.fallback}.`
    return [
      use.short === undefined ? `    ${flag}` : `-${use.short}, ${flag}`,
      `${use.doc}${fallback}`,
    ] as const
  })
  const argRows = args.map(({ name, doc }) => [name, doc] as const)
  return [
    line,
    '',
    command.summary,
    ...(argRows.length > 0 ? ['', 'Arguments:', ...table(argRows)] : []),
    '',
    'Options:',
    ...table(optionRows),
  ].join('\n')
}

/** All commands, or those of one noun. */
export function listHelp(commands: readonly Command[], noun?: string): string {
  return [
    `tunggal ${noun ?? '<noun>'} <verb> [options]`,
    '',
    ...(noun === undefined
      ? ['Fingerprint enrolment kiosks: everything a person can do from a shell.', '']
      : []),
    'Commands:',
    ...table(commands.map(({ name, summary }) => [`tunggal ${name}`, summary] as const)),
    '',
    'Each of them with --help says more. --json prints one JSON object a line.',
    'Exit codes: 0 yes or done, 1 no, 64 usage, 65 bad input, 69 unavailable, 70 a fault of ours, 74 I/O, 78 configuration.',
  ].join('\n')
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd())
}
