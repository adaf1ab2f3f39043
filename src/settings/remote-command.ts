/** What operations and a kiosk say to one another of commands (topics `command` and `command/answer`). There is no shell. */
import { z } from 'zod'

/**
 * `restart`: of the runtime, once nobody is there. `test-capture` asks whoever is there for a finger, of which only the
 * quality is told. `maintenance-on`: out of service until `maintenance-off`; whoever has begun is served to the end.
 */
export const remoteCommandNames = [
  'diagnostics',
  'restart',
  'test-capture',
  'test-print',
  'maintenance-on',
  'maintenance-off',
] as const
export type RemoteCommandName = (typeof remoteCommandNames)[number]

const DETAIL_CHARS_MAX = 400
export const DIAGNOSTICS_CHARS_MAX = 256 * 1024

/** Inside the seal. `sequence` grows with every command for one kiosk; after `expiresAt` it is not done any more. */
export const remoteCommandSchema = z.strictObject({
  sequence: z.int().min(1),
  expiresAt: z.iso.datetime(),
  name: z.enum(remoteCommandNames),
})
export type RemoteCommand = z.infer<typeof remoteCommandSchema>

/** Plain JSON; readers ignore what a newer kiosk says beyond it. */
export const commandAnswerSchema = z.object({
  sequence: z.int().min(1),
  name: z.string().max(40),
  /** `refused`: too late, or not newer than the last; nothing was done. */
  state: z.enum(['done', 'failed', 'refused']),
  at: z.iso.datetime(),
  code: z.string().max(40).optional(),
  detail: z.string().max(DETAIL_CHARS_MAX).optional(),
  /** Of diagnostics. */
  text: z.string().max(DIAGNOSTICS_CHARS_MAX).optional(),
})
export type CommandAnswer = z.infer<typeof commandAnswerSchema>

/** What came of doing one. */
export type CommandOutcome = Pick<CommandAnswer, 'state' | 'code' | 'detail' | 'text'>

/** Cut to what an answer may hold. */
export function shortened(outcome: CommandOutcome): CommandOutcome {
  const { detail, text } = outcome
  return {
    ...outcome,
    ...(detail !== undefined && { detail: detail.slice(0, DETAIL_CHARS_MAX) }),
    ...(text !== undefined && { text: text.slice(0, DIAGNOSTICS_CHARS_MAX) }),
  }
}
