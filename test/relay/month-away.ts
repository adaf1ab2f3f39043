import { relayWorld } from './relay-world.ts'

const DAY_MS = 24 * 3_600_000
const DAYS = 30
const DRAIN_ROUNDS_MAX = 5_000
const NOBODY = '01a210c0-c6ea-75a5-a583-25b326f08cd0'

export interface MonthAway {
  readonly waiting: number
  readonly level: string
  /** Why one more enrolment was refused. */
  readonly refusal: string
  /** Published while nobody listened. */
  readonly probes: number
  /** Not receipted in the end. */
  readonly left: number
  /** By the centre, copies and all. */
  readonly seen: readonly string[]
  /** Answers that named nothing which is here. */
  readonly refused: number
}

/**
 * The ABIS is away for 30 days of a simulated clock, in which the outbox fills up with `count`; then it answers, each
 * time twice and once for a record that is not here. `onDay` is called at the end of each day.
 */
export async function monthAway(
  t: Parameters<typeof relayWorld>[0],
  count: number,
  onDay: (day: number) => void = () => {},
): Promise<MonthAway> {
  // As patient as kiosks are by default, nearly: a month of short intervals takes minutes to simulate.
  const relaySettings = { probeIntervalMs: 3_600_000, outcomeAfterMs: DAY_MS }
  const world = await relayWorld(t, { entriesMax: count, relaySettings })
  for (let day = 1; day <= DAYS; day++) {
    await world.people(Math.floor((count * day) / DAYS) - world.store.outbox.count)
    await world.pass(DAY_MS)
    onDay(day)
  }
  const waiting = world.store.outbox.count
  const { level } = await world.store.capacity()
  const refusal = await world.people(1).then(
    () => 'none',
    ({ code }: { code: string }) => code,
  )
  const probes = world.published.length
  await world.listen({ times: 2, alsoFor: NOBODY })
  for (let round = 0; round < DRAIN_ROUNDS_MAX && world.store.outbox.count > 0; round++)
    await world.pass(60_000)
  const { refused } = world.relay.state()
  return { waiting, level, refusal, probes, left: world.store.outbox.count, seen: world.seen, refused }
}

/** But for the probe that opened the window, whose turn it was. */
export function isOldestFirst(seen: readonly string[]): boolean {
  const first = [...new Set(seen.filter(id => id !== seen[0]))]
  return first.every((id, index) => index === 0 || first[index - 1] < id)
}
