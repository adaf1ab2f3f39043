/**
 * Goal: a person who mistypes is told what to type; a program gets the code that says whose fault it was.
 * Method: the bundled command as a child process; the pure parts directly.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { z } from 'zod'
import { errorCatalogue, KioskError } from '../../src/base/errors.ts'
import { suggest } from '../../src/base/suggest.ts'
import type { Command } from '../../src/cli/command.ts'
import { errorLine } from '../../src/cli/error-line.ts'
import { EXIT, exitCodeOf, worst } from '../../src/cli/exit-code.ts'
import { commandHelp } from '../../src/cli/help.ts'
import { parseCommandLine } from '../../src/cli/options.ts'
import { registry } from '../../src/cli/registry.ts'
import { buildCli } from './built-cli.ts'

t.test('every code of the catalogue has an exit code of the contract', async t => {
  const allowed = [64, 65, 69, 70, 74, 78]
  for (const code of Object.keys(errorCatalogue) as (keyof typeof errorCatalogue)[])
    t.ok(allowed.includes(exitCodeOf(new KioskError(code))), code)
  t.equal(exitCodeOf(new Error('a bug')), EXIT.ourFault)
  t.equal(exitCodeOf(Object.assign(new Error('EIO'), { syscall: 'read' })), EXIT.io)
  t.equal(exitCodeOf(new DOMException('stopped', 'AbortError')), EXIT.stopped)
  t.equal(worst(EXIT.no, EXIT.badInput), EXIT.badInput)
  t.equal(worst(EXIT.ok, EXIT.no), EXIT.no)
})

t.test('an error is one line with its code, its reason and its numbers', async t => {
  t.equal(
    errorLine(new KioskError('image/too-large', { file: 'a.png', widthPx: 9, heightPx: 8 })),
    'a.png: The image is larger than any fingerprint scan (widthPx 9, heightPx 8) [image/too-large]',
  )
  t.equal(
    errorLine(new KioskError('image/unreadable', { file: 'a\nb', why: 'it is empty' })),
    'a?b: The file is not an image that Tunggal can read: it is empty [image/unreadable]',
  )
  t.equal(errorLine(new Error('two\nlines')), 'two?lines')
})

t.test('what was meant', async t => {
  const known = ['finger compare', 'finger quality', 'record list', 'abis serve']
  t.equal(suggest('finger comprae', known), 'finger compare')
  t.equal(suggest('fingr quality', known), 'finger quality')
  t.equal(suggest('abis', known), undefined)
  t.equal(suggest('completely different', known), undefined)
})

const everyKind: Command = {
  name: 'try all',
  summary: 'Has an option of every kind',
  options: z.strictObject({
    outFile: z.string().meta({ doc: 'Where to.', short: 'o', value: 'FILE' }),
    limit: z.coerce.number().int().min(1).default(20).meta({ doc: 'How many.' }),
    group: z.array(z.string()).optional().meta({ doc: 'Which groups.' }),
    fast: z.boolean().default(false).meta({ doc: 'Hurry.' }),
    way: z.enum(['up', 'down']).default('up').meta({ doc: 'Where to go.' }),
  }),
  args: [
    { name: 'FROM', doc: 'Start.' },
    { name: 'TO', doc: 'Ends.', many: true },
  ],
  async run() {
    return EXIT.ok
  },
}

t.test('options of every kind', async t => {
  const parse = (...words: string[]) => parseCommandLine(everyKind, words)
  const words = ['a', '-o', 'x', '--group', 'g1', 'b', '--group=g2', '--fast', '--limit', '7', '--json', 'c']
  t.same(parse(...words), {
    help: false,
    json: true,
    options: { outFile: 'x', limit: 7, group: ['g1', 'g2'], fast: true, way: 'up' },
    args: ['a', 'b', 'c'],
  })
  t.same(parse('a', '--out-file', 'x', '--', '--b').args, ['a', '--b'])
  t.equal(parse('--help', '--nonsense').help, true)
  const refused: [string[], RegExp][] = [
    [['a', 'b'], /-o FILE is missing/],
    [['a', '-o', 'x'], /TO is missing/],
    [['a', 'b', '-o'], /-o needs a value/],
    [['a', 'b', '-o', 'x', '-o', 'y'], /-o is given twice/],
    [['a', 'b', '-o', 'x', '--limit', 'many'], /--limit: /],
    [['a', 'b', '-o', 'x', '--limit', '0'], /--limit: /],
    [['a', 'b', '-o', 'x', '--way', 'left'], /--way: /],
    [['a', 'b', '-o', 'x', '--fast=no'], /--fast takes no value/],
    [['a', 'b', '-o', 'x', '--limt', '3'], /no option --limt; did you mean --limit\?/],
    [['a', 'b', '-o', 'x', '-q'], /no option -q/],
  ]
  for (const [words, message] of refused)
    t.throws(() => parse(...words), { code: 'usage/bad-option', details: { why: message } }, words.join(' '))
})

t.test('help says what the schema says', async t => {
  const help = commandHelp(everyKind)
  t.match(help, 'tunggal try all FROM TO… -o FILE [options]')
  t.match(help, /-o, --out-file FILE +Where to\./)
  t.match(help, / {4}--limit N +How many\. Default: 20\./)
  t.match(help, / {4}--way up\|down +Where to go\. Default: up\./)
  t.match(help, / {4}--fast +Hurry\./)
})

t.test('every command in the registry has its own name, help and summary of one line', async t => {
  for (const [name, load] of Object.entries(registry)) {
    const command = await load()
    t.equal(command.name, name)
    t.match(command.summary, /^[^\n]{10,110}$/)
    t.match(commandHelp(command), `tunggal ${name}`)
    for (const [option, field] of Object.entries(command.options.shape))
      t.type((field as z.ZodType).meta()?.doc, 'string', `${name} --${option} is documented`)
  }
})

t.test('the shipped command', async t => {
  const cli = buildCli(t.testdir())
  const all = await cli('--help')
  t.equal(all.code, 0)
  for (const name of Object.keys(registry)) t.match(all.out, `tunggal ${name}`)
  t.match((await cli('finger', '--help')).out, 'tunggal finger quality')
  t.match((await cli('finger', 'quality', '--help')).out, 'tunggal finger quality IMAGE…')
  t.match((await cli('help')).out, 'Commands:')
  const nothing = await cli()
  t.same([nothing.code, nothing.out], [64, ''])
  t.match(nothing.err, 'Commands:')
  t.equal((await cli('finger')).code, 64)
  const slips: [string[], RegExp][] = [
    [['finger', 'qualty', 'a.png'], /did you mean "finger quality"\?/],
    [['fingers', 'quality', 'a.png'], /did you mean "finger quality"\?/],
    [['nonsense'], /there is no command "nonsense"/],
    [['finger', 'quality'], /IMAGE is missing/],
    [['finger', 'compare', 'a', 'b', 'c'], /"c" is one word too many/],
    [['finger', 'extract', 'a.png'], /-o FILE is missing/],
    [['finger', 'extract', 'a.png', '-o', 'b', '--format', 'iso2006'], /--format: /],
    [['finger', 'quality', '--dip', '500', 'a.png'], /did you mean --dpi\?/],
  ]
  for (const [words, message] of slips) {
    const answer = await cli(...words)
    t.equal(answer.code, 64, words.join(' '))
    t.match(answer.err, message)
    t.equal(answer.err.split('\n').length, 2, 'one line')
    t.equal(answer.out, '')
  }
})

t.test('a reader that goes away ends the command without a word', async t => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', '--help'], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.destroy()
  let err = ''
  child.stderr.on('data', chunk => (err += chunk))
  const code = await new Promise(resolve => child.on('close', resolve))
  t.same([code, err], [EXIT.io, ''])
})
