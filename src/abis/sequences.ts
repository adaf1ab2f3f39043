/**
 * Which of a kiosk's sequence numbers have arrived. Every kiosk numbers its submissions 1, 2, 3… within a
 * boot epoch; a hole is a submission that is still on its way, or one that its disk has lost.
 */
export interface SequenceState {
  /** Everything up to this one has arrived. */
  readonly contiguous: number
  /** What has arrived beyond the first hole, as inclusive spans in order. */
  readonly beyond: readonly (readonly [from: number, to: number])[]
}

export const NO_SEQUENCES: SequenceState = { contiguous: 0, beyond: [] }

/** More holes than this at once are not a link that reorders but a kiosk that lies. */
const SPANS_MAX = 10_000

export type Arrival = 'next' | 'ahead' | 'fills-gap' | 'again'

/**
 * The state after `sequence` has arrived, and what that means: `ahead` leaves a hole, `again` is a
 * number that was used before, by the same submission or (a disk that was rolled back) by another.
 */
export function withSequence(
  state: SequenceState,
  sequence: number,
): { state: SequenceState; arrival: Arrival } {
  if (holds(state, sequence)) return { state, arrival: 'again' }
  const spans = [...state.beyond, [sequence, sequence] as const].sort((a, b) => a[0] - b[0])
  const merged: [number, number][] = []
  let contiguous = state.contiguous
  for (const [from, to] of spans) {
    const last = merged.at(-1)
    if (from === contiguous + 1 && merged.length === 0) contiguous = to
    else if (last !== undefined && from === last[1] + 1) last[1] = to
    else merged.push([from, to])
  }
  const arrival = sequence === highest(state) + 1 ? 'next' : sequence > highest(state) ? 'ahead' : 'fills-gap'
  return { state: { contiguous, beyond: merged.slice(0, SPANS_MAX) }, arrival }
}

export function holds(state: SequenceState, sequence: number): boolean {
  return sequence <= state.contiguous || state.beyond.some(([from, to]) => sequence >= from && sequence <= to)
}

/** How many numbers below the highest one have not arrived. */
export function missing(state: SequenceState): number {
  const arrived = state.beyond.reduce((sum, [from, to]) => sum + to - from + 1, state.contiguous)
  return highest(state) - arrived
}

function highest(state: SequenceState): number {
  return state.beyond.at(-1)?.[1] ?? state.contiguous
}
