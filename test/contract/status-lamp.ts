import t from 'tap'
import { type Notice, notices } from '../../hal/ports/notice.ts'
import type { StatusLamp } from '../../hal/ports/status-lamp.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import { type ContractOptions, diagnosableContract } from './diagnosable.ts'

export interface LampUnderTest {
  readonly part: StatusLamp
  readonly clock: ManualClock
  lit(): boolean
  /** The lamp cannot be switched, or can again. */
  setSilent(silent: boolean): void
}

const STEP_MS = 50
const WATCHED_MS = 6000

/** The contract of `hal/ports/status-lamp.ts`, one test a line of it. `make` gives a part that was not opened. */
export function statusLampContract(
  name: string,
  make: () => Promise<LampUnderTest>,
  options: ContractOptions = {},
): void {
  const opened = async () => {
    const lamp = await make()
    await lamp.clock.finish(lamp.part.open())
    return lamp
  }
  /** One character each 50 ms. */
  const watch = async ({ clock, lit }: LampUnderTest, durationMs: number) => {
    let seen = ''
    for (let atMs = 0; atMs < durationMs; atMs += STEP_MS) {
      seen += lit() ? '#' : '.'
      await clock.advance(STEP_MS)
    }
    return seen
  }
  diagnosableContract(name, make, options)
  t.test(`${name} keeps the contract of a status lamp`, async t => {
    t.test('it is dark until it is open and shows something, and dark once closed', async t => {
      const lamp = await make()
      await t.rejects(lamp.part.show('ready'), { code: 'hal/not-open' })
      await lamp.clock.finish(lamp.part.open())
      t.notMatch(await watch(lamp, 1000), '#')
      await lamp.part.show('ready')
      t.notMatch(await watch(lamp, WATCHED_MS), /\./, 'ready is a steady light')
      await lamp.part.show('dark')
      t.notMatch(await watch(lamp, 1000), '#')
      await lamp.part.show('busy')
      await lamp.part.close()
      await lamp.part.close()
      t.notMatch(await watch(lamp, 3000), '#')
      await t.rejects(lamp.part.show('ready'), { code: 'hal/not-open' })
      await t.rejects(lamp.part.open(), { code: 'hal/not-open' })
      t.equal(lamp.clock.sleeping, 0, 'nothing is left waiting')
    })

    t.test('every notice has a rhythm of its own, and none can bring on a fit', async t => {
      const seen = new Map<string, Notice>()
      for (const notice of notices) {
        const lamp = await opened()
        await lamp.part.show(notice)
        t.ok(lamp.lit(), `${notice} begins at once`)
        const rhythm = await watch(lamp, WATCHED_MS)
        t.notOk(seen.has(rhythm), notice)
        seen.set(rhythm, notice)
        for (let at = 0; at + 1000 / STEP_MS <= rhythm.length; at++) {
          const flashes = rhythm.slice(at, at + 1000 / STEP_MS).match(/(^|\.)#/g)?.length ?? 0
          if (flashes > 3) t.fail(`${notice} flashes ${flashes} times in a second`)
        }
        await lamp.part.close()
      }
      t.equal(seen.size, notices.length)
    })

    t.test('the last of several shows wins', async t => {
      const lamp = await opened()
      await Promise.all([lamp.part.show('fault'), lamp.part.show('busy'), lamp.part.show('ready')])
      t.notMatch(await watch(lamp, WATCHED_MS), /\./)
      await lamp.part.close()
    })

    if (options.faults ?? true)
      t.test('a lamp that cannot be switched says so', async t => {
        const lamp = await opened()
        lamp.setSilent(true)
        await t.rejects(lamp.part.show('ready'), { code: 'hal/no-answer' })
        lamp.setSilent(false)
        await lamp.part.show('ready')
        t.ok(lamp.lit())
        await lamp.part.close()
      })
  })
}
