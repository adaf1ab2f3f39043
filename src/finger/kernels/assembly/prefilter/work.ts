/**
 * Where this instance works: 28 KiB of a memory that several threads share. Nothing here is `memory.data`, which
 * would lie at one place for all of them.
 */

/** The caller's: rows, counts, turns, ballot and worths (`search.ts` says where), a probe as `vote` knows it, scores. */
export const ROWS_AT: usize = 0
export const COUNTS_AT: usize = 16384
export const TURNS_AT: usize = 16400
export const BALLOT_AT: usize = 17424
export const WORTHS_AT: usize = 19472
export const PROBE_AT: usize = 20496
export const SCORES_AT: usize = 21072
/** The kernels' own. */
export const PLANES_AT: usize = 22096
export const VOTES_AT: usize = 22352
export const MATES_AT: usize = 26960
export const VOTE_TURN_AT: usize = 27024
export const VOTE_CELL_AT: usize = 27088
export const LIKENESS_AT: usize = 27216 // to 27360

export let work: usize = 0

/** `at`, a multiple of 16: an area that no other thread works in. */
export function useWork(at: usize): void {
  work = at
}

export function rowsAt(): usize {
  return work + ROWS_AT
}
export function countsAt(): usize {
  return work + COUNTS_AT
}
export function turnsAt(): usize {
  return work + TURNS_AT
}
export function ballotAt(): usize {
  return work + BALLOT_AT
}
export function worthsAt(): usize {
  return work + WORTHS_AT
}
export function probeAt(): usize {
  return work + PROBE_AT
}
export function scoresAt(): usize {
  return work + SCORES_AT
}
