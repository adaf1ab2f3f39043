/**
 * Where people decide on what machines may not: whether a kiosk gets its certificate, and whether two records are of one
 * person. Both are kept elsewhere, by services of their own; the page of operations is a window on them.
 *
 * `list` and the others resolve to undefined where the service does not run.
 */

/** A kiosk that asks for a certificate. */
export interface ClaimRow {
  readonly id: string
  readonly name: string
  /** To be compared with the kiosk's screen. */
  readonly code: string
  readonly site?: string
  readonly from: string
  readonly requestedAt: string
}

/** A record that two people decide on, a third where they differ. Says how many have, never what. */
export interface CaseRow {
  readonly id: string
  readonly kiosk: string
  readonly receivedAt: string
  readonly reason: string
  readonly decided: number
  readonly wanted: number
}

export interface ClaimsDesk {
  list(): Promise<readonly ClaimRow[] | undefined>
  /** Rejects with `claims/…`. */
  decide(id: string, decision: { readonly act: 'approve' | 'reject'; readonly by: string }): Promise<void>
}

export interface AdjudicationDesk {
  list(): Promise<readonly CaseRow[] | undefined>
  /** The fingers side by side, as PNG. Rejects with `adjudication/…`. */
  picture(id: string): Promise<Uint8Array | undefined>
  /** Rejects with `adjudication/…`. */
  decide(
    id: string,
    decision: { readonly answer: 'duplicate' | 'distinct'; readonly by: string },
  ): Promise<void>
}

export interface Desks {
  readonly claims: ClaimsDesk
  /** Absent where operations have nothing to do with the ABIS. */
  readonly adjudication?: AdjudicationDesk
}
