/** What one look at a kiosk found, for the technician before it. */
export interface Check {
  readonly check: string
  readonly ok: boolean
  readonly detail: string
  /** What to do; empty where there is nothing to do. */
  readonly remedy: string
  /** Without this no citizen can be served. What else fails takes a service away, and no more. */
  readonly vital: boolean
}

export function fine(check: string, detail: string, { vital = false } = {}): Check {
  return { check, ok: true, detail, remedy: '', vital }
}

export function fault(check: string, detail: string, remedy: string, { vital = false } = {}): Check {
  return { check, ok: false, detail, remedy, vital }
}

export function canServe(checks: readonly Check[]): boolean {
  return checks.every(({ ok, vital }) => ok || !vital)
}
