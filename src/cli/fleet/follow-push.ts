/** What every command says that brings something to many kiosks and waits for what becomes of it. */
import { systemClock as clock } from '../../base/clock.ts'
import { type KioskOutcome, type RollOutParts, type RollOutResult, rollOut } from '../../fleet/roll-out.ts'
import type { SeenKiosk } from '../../fleet/seen-kiosk.ts'
import type { Wish } from '../../fleet/wish.ts'
import type { ConfigError } from '../../settings/desired.ts'
import type { Context } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'

export interface Push {
  readonly wish: Wish
  readonly stages: readonly (readonly string[])[]
  readonly failuresMax: number
  readonly waitMs: number
  /** What a kiosk says is wrong with it. */
  errorsOf(seen: SeenKiosk | undefined): readonly ConfigError[]
}

/** 0 once every kiosk has kept it, 1 if any has not. */
export async function followPush(
  context: Context,
  parts: Omit<RollOutParts, 'clock'>,
  { errorsOf, ...plan }: Push,
): Promise<ExitCode> {
  const { version } = plan.wish
  const kiosks = plan.stages.flat().length
  const sizes = plan.stages.map(stage => stage.length).join(', then ')
  context.print(`Version ${version} to ${sizes} kiosks`)
  let decided = 0
  const result = await rollOut({ ...parts, clock }, plan, {
    signal: context.signal,
    onOutcome: outcome => {
      printOutcome(context, version, outcome, errorsOf(outcome.seen))
      context.progress(`${++decided} of ${kiosks} kiosks`)
    },
  })
  return summed(context, result)
}

function printOutcome(
  { print }: Context,
  version: number,
  { kiosk, outcome }: KioskOutcome,
  said: readonly ConfigError[],
): void {
  const errors = outcome === 'rejected' || outcome === 'rolled-back' ? said : []
  const reasons = errors.map(({ code, where, text }) => `\n    ${where || 'all of it'}: ${text} [${code}]`)
  print({ kiosk, version, outcome, errors }, `${kiosk}  ${outcome}${reasons.join('')}`)
}

function summed({ print }: Context, { outcomes, stopped, unsent }: RollOutResult): ExitCode {
  const kept = outcomes.filter(({ outcome }) => outcome === 'kept').length
  print(`${kept} of ${outcomes.length} kiosks kept it.`)
  if (stopped) print(`Stopped: ${unsent.length} kiosks were sent nothing.`)
  return kept === outcomes.length ? EXIT.ok : EXIT.no
}
