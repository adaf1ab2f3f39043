/** The fleet in numbers, in Prometheus' text format (version 0.0.4). No series of single kiosks: the page has those. */
import { gauge } from '../../base/prometheus.ts'
import { drainOf, wholeBacklog } from '../backlog.ts'
import { rollOutStates } from '../roll-outs/roll-out.ts'
import type { Room } from '../room/room.ts'
import { troubleNames } from '../trouble-names.ts'

const states = ['online', 'offline', 'maintenance', 'unknown'] as const
const MS = 1_000

export function metricsText({ view, broker, index, rollOuts, clock }: Omit<Room, 'close'>): string {
  const { abis, kiosks } = view
  const fleet = index.totals()
  const backlog = wholeBacklog(kiosks, abis)
  const drain = drainOf(backlog, abis)
  const nowMs = clock.nowMs()
  const { oldestAt } = backlog
  return [
    gauge('tunggal_fleet_connected', '1 while there is a connection to the broker.', [
      [{}, broker.connection === undefined ? 0 : 1],
    ]),
    gauge(
      'tunggal_fleet_kiosks',
      'Kiosks by state.',
      states.map(state => [{ state }, fleet.states[state] ?? 0]),
    ),
    gauge(
      'tunggal_fleet_kiosks_in_trouble',
      'Kiosks by what is wrong with them.',
      troubleNames.map(trouble => [{ trouble }, fleet.troubles[trouble] ?? 0]),
    ),
    gauge('tunggal_fleet_records', 'Records by where they stand.', [
      [{ at: 'kiosk' }, backlog.atKiosk],
      [{ at: 'centre' }, backlog.atCentral],
      [{ at: 'adjudication' }, backlog.adjudicate],
      [{ at: 'print-ready' }, backlog.printReady],
      [{ at: 'duplicate' }, backlog.duplicate],
      [{ at: 'failed' }, backlog.failed],
      [{ at: 'missing' }, backlog.missing],
    ]),
    gauge('tunggal_fleet_oldest_waiting_seconds', 'How long the oldest record has waited.', [
      [{}, oldestAt === undefined ? 0 : Math.max(0, (nowMs - Date.parse(oldestAt)) / MS)],
    ]),
    gauge('tunggal_abis_verdicts_per_second', 'Verdicts a second, over the last minute.', [
      [{}, drain.perSecond],
    ]),
    gauge(
      'tunggal_abis_licensed_per_second',
      'What the licences allow, in records of ten fingers; 0 once they have ended.',
      drain.licensedPerSecond === undefined ? [] : [[{}, drain.licensedPerSecond]],
    ),
    gauge(
      'tunggal_abis_status_age_seconds',
      'How long ago an ABIS last told how it is.',
      abis.flatMap(({ abis: name, at }) =>
        at === undefined ? [] : [[{ abis: name }, (nowMs - Date.parse(at)) / MS] as const],
      ),
    ),
    gauge(
      'tunggal_abis_alarms',
      'Numbers and ids that came twice, and kiosks with missing numbers.',
      abis.map(({ abis: name, alarms }) => [{ abis: name }, alarms]),
    ),
    gauge(
      'tunggal_abis_lapse_seconds',
      'How long until licence, maintenance or a certificate ends; from 90 days before.',
      abis.flatMap(({ abis: name, lapses }) =>
        lapses.map(
          ({ what, whose, until }) =>
            [{ abis: name, what, whose: whose ?? '' }, (Date.parse(until) - nowMs) / MS] as const,
        ),
      ),
    ),
    gauge(
      'tunggal_fleet_rollouts',
      'Roll-outs by state.',
      rollOutStates.map(state => [{ state }, rollOuts.list().filter(each => each.state === state).length]),
    ),
  ].join('')
}
