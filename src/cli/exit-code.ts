import { AssertionError } from 'node:assert'
import { type ErrorCode, KioskError } from '../base/errors.ts'

/**
 * What a shell script learns from a command: yes or done, no, or whose fault it was (numbers of BSD's
 * sysexits). `stopped` is what shells give for Ctrl-C.
 */
export const EXIT = {
  ok: 0,
  no: 1,
  usage: 64,
  badInput: 65,
  unavailable: 69,
  ourFault: 70,
  io: 74,
  configuration: 78,
  stopped: 130,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

type Area = ErrorCode extends `${infer First}/${string}` ? First : never

/** By the part of the code before the slash; every new area has to be given one here. */
const exitOfArea: Record<Area, ExitCode> = {
  usage: EXIT.usage,
  config: EXIT.configuration,
  image: EXIT.badInput,
  template: EXIT.badInput,
  finger: EXIT.badInput,
  hal: EXIT.unavailable,
  speech: EXIT.unavailable,
  kv: EXIT.io,
  store: EXIT.badInput,
  outbox: EXIT.badInput,
  broker: EXIT.unavailable,
  seal: EXIT.badInput,
  keys: EXIT.configuration,
  claims: EXIT.badInput,
  fleet: EXIT.badInput,
  adjudication: EXIT.badInput,
  abis: EXIT.unavailable,
  firmware: EXIT.unavailable,
  flash: EXIT.badInput,
  update: EXIT.badInput,
  io: EXIT.io,
}

/** Codes that are not as the rest of their area. */
const exitOfCode: Partial<Record<ErrorCode, ExitCode>> = {
  'kv/locked': EXIT.unavailable,
  'firmware/not-an-image': EXIT.badInput,
  'firmware/exists': EXIT.badInput,
  'update/unreachable': EXIT.unavailable,
  'update/no-slots': EXIT.unavailable,
  'flash/not-as-written': EXIT.io,
  'store/full': EXIT.unavailable,
  'store/other-user': EXIT.configuration,
  'broker/too-large': EXIT.badInput,
  'keys/busy': EXIT.unavailable,
  'fleet/not-served': EXIT.unavailable,
  'claims/too-many': EXIT.unavailable,
  'claims/unavailable': EXIT.unavailable,
  'claims/bad-answer': EXIT.unavailable,
}

/** Errors that are nobody's but ours (a failed assertion, a bug) are 70. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof KioskError)
    return exitOfCode[error.code] ?? exitOfArea[error.code.split('/')[0] as Area]
  if (error instanceof Error && error.name === 'AbortError') return EXIT.stopped
  if (error instanceof AssertionError) return EXIT.ourFault
  // A failed system call that nobody has put a name to.
  return error instanceof Error && 'syscall' in error ? EXIT.io : EXIT.ourFault
}

/** Of the answers to several inputs, the one that must not be overlooked: an error before "no" before "yes". */
export function worst(a: ExitCode, b: ExitCode): ExitCode {
  return a > b ? a : b
}
