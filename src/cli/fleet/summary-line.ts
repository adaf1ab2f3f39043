import { ageText } from '../../fleet/age.ts'
import type { KioskSummary } from '../../fleet/kiosk-summary.ts'
import type { Context } from '../command.ts'

/** One kiosk: an object with `--json`, else two lines at the most. */
export function printSummary({ print }: Context, summary: KioskSummary, nowMs: number): void {
  const { kiosk, state, since, site, version, config, parts, outbox, lastEnrolledAt, troubles } = summary
  const waiting =
    outbox === undefined
      ? 'queue unknown'
      : `${outbox.waiting} waiting${outbox.oldestAt ? ` (oldest ${ageText(outbox.oldestAt, nowMs)})` : ''}`
  const words = [
    since === undefined ? state : `${state} ${ageText(since, nowMs)}`,
    site,
    version ?? 'version unknown',
    `configuration ${config.running ?? '?'}${config.confirmed === false ? ' on trial' : ''} of ${config.desired}`,
    `${parts.up} parts up`,
    waiting,
    lastEnrolledAt === undefined
      ? 'nobody enrolled yet'
      : `last enrolled ${ageText(lastEnrolledAt, nowMs)} ago`,
  ]
  const wrong = troubles.map(({ name, about }) => `${name}${about === '' ? '' : `: ${about}`}`).join(', ')
  print({ ...summary }, `${kiosk}  ${words.join(', ')}${wrong === '' ? '' : `\n    ${wrong}`}`)
}
