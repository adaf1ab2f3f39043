/**
 * `tunggal <noun> <verb>`: finds the command, checks its words against its schema, runs it, and answers with
 * an exit code (`exit-code.ts`). Results on standard output; one line for every error on standard error.
 */

import { suggest } from '../base/suggest.ts'
import { type Command, type Context, methodIn } from './command.ts'
import { newContext, type Streams } from './context.ts'
import { exitAfterOutput } from './exit-after-output.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { commandHelp, listHelp } from './help.ts'
import { badOption, parseCommandLine } from './options.ts'
import { registry } from './registry.ts'

/** The two words of a command, or the one, at the start of the line. */
function nameIn(words: readonly string[]): string | undefined {
  return [words.slice(0, 4), words.slice(0, 3), words.slice(0, 2), words.slice(0, 1)]
    .map(part => part.join(' '))
    .find(name => Object.hasOwn(registry, name))
}

async function main(words: readonly string[], streams: Streams, signal: AbortSignal): Promise<ExitCode> {
  const name = nameIn(words)
  const title = name ?? ''
  let context = newContext(streams, { title, json: false, signal })
  try {
    if (name === undefined) return await withoutCommand(words, streams)
    const command = await registry[name]()
    const { help, json, options, args } = parseCommandLine(command, words.slice(name.split(' ').length))
    if (help) {
      streams.out.write(`${commandHelp(command)}\n`)
      return EXIT.ok
    }
    context = newContext(streams, { title, json, signal })
    return (
      (await askedService(command, context, options, args)) ?? (await command.run(context, options, args))
    )
  } catch (error) {
    return context.failed(error)
  }
}

/** What the service that runs on the command's data folder answers; undefined where none does. */
async function askedService(
  command: Command,
  context: Context,
  options: Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode | undefined> {
  const { data } = options
  const services = ['kiosk', 'claims', 'fleet', 'abis'] as const
  const service = services.find(name => command[methodIn[name]] !== undefined)
  if (service === undefined || typeof data !== 'string') return undefined
  const { askLocal } = await import('./local/ask-local.ts')
  const { name } = command
  return askLocal(
    data,
    service,
    { ask: 'command', name, options, args: [...args], cwd: process.cwd() },
    context,
  )
}

/** Help for all, or for one noun; else what was probably meant. */
async function withoutCommand(words: readonly string[], streams: Streams): Promise<ExitCode> {
  const spoken = words.filter(word => !word.startsWith('-'))
  const wantsHelp = words.some(word => word === '--help' || word === '-h') || words[0] === 'help'
  const noun = spoken.find(word => word !== 'help')
  const names = Object.keys(registry).filter(name => noun === undefined || name.split(' ')[0] === noun)
  if (names.length > 0 && (wantsHelp || spoken.length < 2)) {
    const commands: Command[] = []
    for (const name of names) commands.push(await registry[name]())
    const text = `${listHelp(commands, noun)}\n`
    // Asked for, help is the result; otherwise it is what is said about a line without a verb.
    if (wantsHelp) streams.out.write(text)
    else streams.err.write(text)
    return wantsHelp ? EXIT.ok : EXIT.usage
  }
  const tried = spoken.slice(0, 2).join(' ')
  const known = Object.keys(registry)
  const meant = suggest(tried, [...known, ...known.map(name => name.split(' ')[0])])
  throw badOption(
    `there is no command "${tried}"${meant === undefined ? '' : `; did you mean "${meant}"?`} (tunggal --help lists them)`,
  )
}

/** The first Ctrl-C asks the command to stop; the second is Node's own and ends the process. */
function stopSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort())
  return controller.signal
}

// Whoever reads our output may stop reading (`| head`): then there is nobody left to tell anything.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.io)
    throw error
  })

await exitAfterOutput(
  await main(process.argv.slice(2), { out: process.stdout, err: process.stderr }, stopSignal()),
)
