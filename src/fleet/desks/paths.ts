/** Of the protocol (protocol.ts), what the page needs: no schema, so that it stays small. */
export const deskPaths = {
  claims: '/claims',
  decideClaim: '/claims/decide',
  cases: '/cases',
  casePicture: '/case-picture',
  decideCase: '/cases/decide',
} as const

export interface DeskPage<Row> {
  /** Undefined: the service does not run. */
  readonly rows?: readonly Row[]
}
