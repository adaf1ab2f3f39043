/**
 * Codes of minutiae, and the search for what resembles them among very many. `prefilter/` says how these are
 * used and lays out the memory from `heapBase` on. Pointers are byte offsets; nothing here allocates.
 */
export { codesAt, describeAll, descriptorsAt, flippedAt, minutiaeAt, projectionAt, tablesAt } from './prefilter/codes'
export { countsAt, rowsAt, scan } from './prefilter/scan'
export { agreement, ballotAt, turnsAt, vote, voteAll, worthsAt } from './prefilter/vote'

/** Memory from here on is the caller's. */
export function heapBase(): usize {
  return __heap_base
}
