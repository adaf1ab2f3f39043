import type { X509Certificate } from 'node:crypto'
import { type Check, fault, fine } from './check.ts'

const DAY_MS = 86_400_000
/** A fault while there is still time to do something about it. */
const WARN_DAYS = 30

/** `whose` is how people call its owner. An expired one keeps submissions here; it keeps nobody from enrolling. */
export function certificateCheck(whose: string, certificate: X509Certificate, nowMs: number): Check {
  const check = `certificate of ${whose}`
  const until = new Date(certificate.validTo)
  const date = until.toISOString().slice(0, 10)
  const days = Math.floor((until.getTime() - nowMs) / DAY_MS)
  const remedy = 'issue another one: docs/KEYS.md'
  if (new Date(certificate.validFrom).getTime() > nowMs)
    return fault(check, `not valid before ${certificate.validFrom}`, 'look at the clock')
  if (days < 0) return fault(check, `expired on ${date}`, remedy)
  if (days < WARN_DAYS) return fault(check, `expires on ${date}, in ${days} days`, remedy)
  return fine(check, `until ${date}, ${days} days`)
}
