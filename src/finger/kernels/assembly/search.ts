/**
 * The search for fingers that resemble a probe, in a memory that the caller brings and several threads may share.
 * Pointers are byte offsets; `prefilter/finger-memory.ts` lays the memory out.
 */
export { scan } from './prefilter/scan'
export { agreement, vote, voteAll } from './prefilter/vote'
export { ballotAt, countsAt, probeAt, rowsAt, scoresAt, turnsAt, useWork, worthsAt } from './prefilter/work'
