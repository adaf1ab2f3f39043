/**
 * Goal: a screen that citizens see nothing on is noticed and started anew, and a machine without one is left alone.
 * Method: a clock that the test moves; the kernel's list of connectors is a folder of the test.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { silentLog } from '../../src/base/log.ts'
import { hasDisplay } from '../../src/health/display.ts'
import { screenCheck } from '../../src/health/machine-checks.ts'
import { LONG_START_MS_MAX, ScreenWatch, SILENT_MS_MAX, START_MS_MAX } from '../../src/health/screen-watch.ts'
import { ManualClock } from '../support/manual-clock.ts'

const VISIT = 7
/** A look, and a little more. */
const SOON_MS = 6_000

async function watched(t: Test, { display = true, fails = false } = {}) {
  const clock = new ManualClock()
  const seen = { display, visit: VISIT, starts: 0, changes: 0 }
  const watch = new ScreenWatch({
    clock,
    log: silentLog,
    hasDisplay: async () => seen.display,
    visit: () => seen.visit,
    async startAnew() {
      seen.starts++
      if (fails) throw new Error('nobody does')
    },
  })
  watch.onChange(() => seen.changes++)
  await watch.start()
  t.teardown(() => watch.stop())
  /** Time passes with a page that says now and then that it is there. */
  const live = async (durationMs: number) => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += SILENT_MS_MAX / 4) {
      watch.painted(seen.visit)
      await clock.advance(SILENT_MS_MAX / 4)
    }
  }
  return { clock, watch, seen, live }
}

t.test('a screen is dark until its page is there, and has the time to start', async t => {
  const { clock, watch, seen, live } = await watched(t)
  t.equal(watch.isDark, true)
  await clock.advance(START_MS_MAX)
  t.equal(seen.starts, 0)
  watch.painted(VISIT)
  t.equal(watch.isDark, false)
  t.equal(seen.changes, 2, 'dark, and there')
  await live(3_600_000)
  t.equal(watch.isDark, false)
  t.equal(seen.starts, 0)
})

t.test('a page that never comes has the screen started anew, each time with more time for it', async t => {
  const { clock, watch, seen } = await watched(t)
  await clock.advance(START_MS_MAX + SOON_MS)
  t.equal(seen.starts, 1)
  await clock.advance(2 * START_MS_MAX)
  t.equal(seen.starts, 1, 'it has twice the time')
  await clock.advance(2 * SOON_MS)
  t.equal(seen.starts, 2)
  for (let starts = 3; starts < 6; starts++) {
    await clock.advance(LONG_START_MS_MAX - SILENT_MS_MAX)
    t.equal(seen.starts, starts - 1)
    await clock.advance(SILENT_MS_MAX + SOON_MS)
    t.equal(seen.starts, starts, 'and at last as much as any start may take')
  }
  t.equal(watch.isDark, true)
})

t.test('one that came at last has, once it is dead, the time of a first start', async t => {
  const { clock, seen, live } = await watched(t)
  await clock.advance(3 * START_MS_MAX + 3 * SOON_MS)
  t.equal(seen.starts, 2)
  await live(120_000)
  await clock.advance(SILENT_MS_MAX + SOON_MS)
  t.equal(seen.starts, 3)
  await clock.advance(START_MS_MAX + 2 * SOON_MS)
  t.equal(seen.starts, 4)
})

t.test('a page that dies is noticed within a minute', async t => {
  const { clock, watch, seen, live } = await watched(t)
  await live(600_000)
  await clock.advance(SILENT_MS_MAX + SOON_MS)
  t.equal(watch.isDark, true)
  t.equal(seen.starts, 1)
  watch.painted(VISIT)
  t.equal(watch.isDark, false)
})

t.test('a page that still shows the visit before is dead, too', async t => {
  const { clock, watch, seen, live } = await watched(t)
  await live(120_000)
  seen.visit++
  for (let passedMs = 0; passedMs < SILENT_MS_MAX + SOON_MS; passedMs += 5_000) {
    watch.painted(VISIT)
    await clock.advance(5_000)
  }
  t.equal(watch.isDark, true)
  t.equal(seen.starts, 1)
})

t.test('without a display nothing is dark; one that is plugged in is waited for', async t => {
  const { clock, watch, seen } = await watched(t, { display: false })
  await clock.advance(3_600_000)
  t.equal(watch.isDark, false)
  t.equal(seen.starts, 0)
  seen.display = true
  await clock.advance(SOON_MS)
  t.equal(watch.isDark, true)
  t.equal(seen.starts, 0)
  await clock.advance(START_MS_MAX + SOON_MS)
  t.equal(seen.starts, 1)
  seen.display = false
  await clock.advance(SOON_MS)
  t.equal(watch.isDark, false)
})

t.test('where nobody can start it anew, it is tried again', async t => {
  const { clock, seen } = await watched(t, { fails: true })
  await clock.advance(3 * (START_MS_MAX + 2 * SOON_MS))
  t.equal(seen.starts, 2)
})

t.test('what the kernel says of connectors decides whether there is a display', async t => {
  const folder = t.testdir()
  t.equal(await hasDisplay(join(folder, 'none')), false, 'a kernel without graphics')
  await mkdir(join(folder, 'card0'))
  await mkdir(join(folder, 'renderD128'))
  t.equal(await hasDisplay(folder), false, 'a card without connectors')
  const connector = async (name: string, status: string) => {
    await mkdir(join(folder, name), { recursive: true })
    await writeFile(join(folder, name, 'status'), status)
  }
  await connector('card0-HDMI-A-1', 'disconnected\n')
  await connector('card0-HDMI-A-2', 'unknown\n')
  t.equal(await hasDisplay(folder), false)
  await connector('card0-HDMI-A-2', 'connected\n')
  t.equal(await hasDisplay(folder), true)
})

t.test('the doctor says what citizens see', async t => {
  t.match(screenCheck({ isDark: false }, true), { ok: true, detail: /page/ })
  t.match(screenCheck({ isDark: false }, false), { ok: true, detail: /no display/ })
  t.match(screenCheck({ isDark: true }, true), { ok: false, vital: true, remedy: /anew/ })
})
