/** What the kiosk's page may do, made of the parts of the kiosk. */
import type { VisitRunner } from '../enrolment/runner.ts'
import { recordStatusOf } from '../record/record-status.ts'
import type { Relay } from '../relay/relay.ts'
import type { Settings } from '../settings/settings.ts'
import type { KioskStore } from '../store/store.ts'
import type { Operations } from '../ui/operations.ts'

export function operationsOf(
  visit: VisitRunner,
  store: KioskStore,
  relay: Relay,
  settings: Settings,
): Operations {
  const { id, site, languages, timeZone } = settings.kiosk
  const { controller, version } = settings.consent
  return {
    facts: { kiosk: id, site, languages, timeZone, controller, consentVersion: version },
    onView: listener => visit.onView(listener),
    onPreview: listener => visit.onPreview(listener),
    command: command => visit.dispatch(command),
    async recordStatus(recordId) {
      const record = await store.record(recordId)
      const { waiting, oldestMs, online } = relay.state()
      const oldestAt = oldestMs === undefined ? undefined : new Date(oldestMs).toISOString()
      return record && recordStatusOf(record, { waiting, oldestAt, isOnline: online })
    },
  }
}
