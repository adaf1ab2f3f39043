import t from 'tap'
import type { Card, CardReader } from '../../hal/ports/card-reader.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import { diagnosableContract } from './diagnosable.ts'

export interface CardReaderUnderTest {
  readonly part: CardReader
  readonly clock: ManualClock
  present(card: Card | undefined): void
  setSilent(silent: boolean): void
}

const TIMEOUT_MS = 5000
const request = (signal = new AbortController().signal) => ({ timeoutMs: TIMEOUT_MS, signal })
const cards: Card[] = [
  { type: 'iso14443a', uid: Uint8Array.of(0x08, 1, 2, 3) },
  { type: 'iso14443a', uid: Uint8Array.of(0x04, 1, 2, 3, 4, 5, 6) },
  { type: 'iso14443a', uid: Uint8Array.of(0x04, 1, 2, 3, 4, 5, 6, 7, 8, 9) },
  { type: 'iso14443b', uid: Uint8Array.of(9, 8, 7, 6) },
]

/** The contract of `hal/ports/card-reader.ts`, one test a line of it. `make` gives a part that was not opened. */
export function cardReaderContract(name: string, make: () => Promise<CardReaderUnderTest>): void {
  const opened = async () => {
    const reader = await make()
    await reader.clock.finish(reader.part.open())
    return reader
  }
  diagnosableContract(name, make)
  t.test(`${name} keeps the contract of a card reader`, async t => {
    t.test('it finds every kind of card, again and again', async t => {
      const { part, clock, present } = await opened()
      for (const card of cards) {
        present(card)
        for (let time = 0; time < 2; time++) t.same(await clock.finish(part.waitForCard(request())), card)
      }
      await part.close()
    })

    t.test('it waits for a card that comes later', async t => {
      const { part, clock, present } = await opened()
      const waiting = part.waitForCard(request())
      await clock.advance(2000)
      present(cards[0])
      t.same(await clock.finish(waiting), cards[0])
      await part.close()
    })

    t.test('without a card it ends in time, and finds the next', async t => {
      const { part, clock, present } = await opened()
      const startMs = clock.monotonicMs()
      await t.rejects(clock.finish(part.waitForCard(request())), { code: 'hal/no-card' })
      t.ok(clock.monotonicMs() - startMs <= TIMEOUT_MS)
      present(cards[1])
      t.same(await clock.finish(part.waitForCard(request())), cards[1])
      await part.close()
    })

    t.test('a silent part ends in time, whether before or after it was opened', async t => {
      const { part, clock, present, setSilent } = await make()
      setSilent(true)
      await t.rejects(clock.finish(part.open()), { code: 'hal/no-answer' })
      setSilent(false)
      await clock.finish(part.open())
      setSilent(true)
      present(cards[0])
      const startMs = clock.monotonicMs()
      await t.rejects(clock.finish(part.waitForCard(request())), { code: 'hal/no-answer' })
      t.ok(clock.monotonicMs() - startMs <= TIMEOUT_MS)
      setSilent(false)
      t.same(await clock.finish(part.waitForCard(request())), cards[0])
      await part.close()
    })

    t.test('one at a time', async t => {
      const { part, clock, present } = await opened()
      present(cards[0])
      const first = part.waitForCard(request())
      await t.rejects(part.waitForCard(request()), { code: 'hal/busy' })
      await t.rejects(part.diagnose(request()), { code: 'hal/busy' })
      t.same(await clock.finish(first), cards[0])
      await part.close()
    })

    t.test('a signal stops it early, and the next call gets its own answer', async t => {
      const { part, clock, present } = await opened()
      present(cards[3])
      const reason = new Error('the citizen left')
      for (const afterMs of [1, 3, 20, 70, 90]) {
        const stop = new AbortController()
        const waiting = part.waitForCard(request(stop.signal)).catch(cause => cause)
        await clock.advance(afterMs)
        stop.abort(reason)
        const ended = await clock.finish(waiting)
        t.ok(ended === reason || ended.type === 'iso14443b')
        t.same(await clock.finish(part.waitForCard(request())), cards[3], `after ${afterMs} ms`)
      }
      await part.close()
    })

    t.test('it is of no use before it is open and after it was closed', async t => {
      const { part, clock } = await make()
      await t.rejects(part.waitForCard(request()), { code: 'hal/not-open' })
      await clock.finish(part.open())
      const rejected = t.rejects(part.waitForCard(request()), { code: 'hal/not-open' })
      await clock.advance(10)
      await clock.finish(part.close())
      await rejected
      await part.close()
      await t.rejects(part.waitForCard(request()), { code: 'hal/not-open' })
      await t.rejects(part.open(), { code: 'hal/not-open' })
      await clock.advance(TIMEOUT_MS)
      t.equal(clock.sleeping, 0, 'nothing is left waiting')
    })
  })
}
