import type { z } from 'zod'
import type { ClaimDesk } from '../fleet/claims/claim-desk.ts'
import type { Room } from '../fleet/room/room.ts'
import type { Kiosk } from '../kiosk.ts'
import type { ServedCentre } from './abis/centre.ts'
import '../settings/meta.ts'
import type { ExitCode } from './exit-code.ts'

/** Beside `doc` and `unit`: how an option is written. */
declare module 'zod/v4/core' {
  interface GlobalMeta {
    /** One letter: `short: 'o'` is `-o`. */
    short?: string
    /** What stands for the value in the help: FILE, N, WxH. */
    value?: string
  }
}

/** A word of the command line that is not an option. */
export interface Argument {
  /** As the help shows it, in capitals. */
  readonly name: string
  readonly doc: string
  /** One or more; only the last argument. */
  readonly many?: boolean
}

/** A line of results: with `--json` this very object, in this order of names. */
export type Line = Readonly<Record<string, unknown>>

/** What a command may do to the world outside of its own work. */
export interface Context {
  /**
   * One result, on standard output: the object with `--json`, else `text` (or the object's names and values). A
   * string alone is for people and is left out of `--json`.
   */
  print(line: Line, text?: string): void
  print(text: string): void
  /** Where the work stands, on a terminal's standard error; written over by what comes next. */
  progress(text: string): void
  /** One failure that does not end the command, in one line on standard error; its exit code. */
  failed(error: unknown): ExitCode
  /** Aborted by Ctrl-C or SIGTERM. A command that waits or loops looks at it. */
  readonly signal: AbortSignal
  /** A person reads along, on a terminal that knows colours. */
  readonly isTerminal: boolean
  /** A path as the person who called means it, absolute. */
  resolve(path: string): string
}

/**
 * `tunggal <noun> <verb>`. A command is a value in a file of its own with a line in `registry.ts`; name,
 * summary, options and arguments give its help and its checks. It throws `KioskError`s; `exit-code.ts`
 * turns them into exit codes, so that no command decides about those.
 *
 * Options are written `--kebab-case` for the schema's `camelCase`: booleans are switches, arrays may be
 * given several times, everything else takes a value (so numbers are `z.coerce.number()`).
 */
export interface Command<Options extends z.ZodObject = z.ZodObject> {
  readonly name: string
  readonly summary: string
  readonly options: Options
  readonly args?: readonly Argument[]
  /** `args` are as many as declared: all but the last exactly one. */
  run(context: Context, options: z.infer<Options>, args: readonly string[]): Promise<ExitCode>
  /** The same where a kiosk runs on the data folder of `options`: inside of it, since it alone opens store and parts. */
  inKiosk?(
    context: Context,
    kiosk: Kiosk,
    options: z.infer<Options>,
    args: readonly string[],
  ): Promise<ExitCode>
  /** The same inside of the claim desk that runs on the data folder of `options`. */
  inClaims?(
    context: Context,
    desk: ClaimDesk,
    options: z.infer<Options>,
    args: readonly string[],
  ): Promise<ExitCode>
  /** The same inside of `fleet serve` on the data folder of `options`: it alone has the line to the broker, and the database. */
  inFleet?(
    context: Context,
    room: Room,
    options: z.infer<Options>,
    args: readonly string[],
  ): Promise<ExitCode>
  /** The same inside of the ABIS that is served on the data folder of `options`. */
  inAbis?(
    context: Context,
    centre: ServedCentre,
    options: z.infer<Options>,
    args: readonly string[],
  ): Promise<ExitCode>
}

/** By which method a command works inside of a service. */
export const methodIn = {
  kiosk: 'inKiosk',
  claims: 'inClaims',
  fleet: 'inFleet',
  abis: 'inAbis',
} as const satisfies Record<string, keyof Command>
