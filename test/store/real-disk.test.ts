/**
 * Goal: a real file system that fills up, fails, is gone, comes back read-only and then as it was stops no kiosk: what
 * cannot be kept is refused in words, nothing that was told is lost, and it goes on by itself. A disk that takes
 * seconds for a sync keeps nobody else waiting.
 * Method: a child at work on an ext4 of its own on a loop device; each fault is held until the child has met it, and
 * ended until the child has gone on. Needs root.
 */
import { join } from 'node:path'
import t from 'tap'
import { type LoopDisk, makeLoopDisk } from '../../scripts/faults/loop-disk.ts'
import { compileTracker, startTracking } from '../../scripts/faults/power-cut.ts'
import { bundleBusyChild, startBusyChild } from './child.ts'
import { openFolderStore } from './folder.ts'
import { Told } from './told.ts'

t.setTimeout(300_000)

const DISK_MIB = 48
const SLOW_MS = 2_000

t.test('full, failed, gone, read-only, and whole again', async t => {
  const folder = t.testdir({ bundle: {} })
  let disk: LoopDisk
  try {
    disk = await makeLoopDisk(DISK_MIB)
  } catch (error) {
    const why = `NOT RUN: no file system on a loop device here (it needs root): ${error}`
    if (process.env.CI === 'true' && process.getuid?.() === 0) throw error
    t.comment(why)
    return
  }
  t.teardown(() => disk.destroy())
  const script = await bundleBusyChild(join(folder, 'bundle'))
  const child = startBusyChild(script, { data: disk.folder, people: 0 })
  t.teardown(() => child.kill())
  const isRefused = () => child.hears(/^refused .*$/m)
  const goesOn = () => child.hears(/^enrolled /m)

  await goesOn()
  await disk.fill()
  t.match(await isRefused(), /./, 'full')
  await disk.makeRoom()
  await goesOn()

  await disk.shutDown()
  await isRefused()
  t.pass('failed')
  await disk.unmount()
  await isRefused()
  t.pass('gone: no other store is begun where it was')
  await disk.mount('read-only')
  await isRefused()
  t.pass('read-only')
  await disk.mount('read-write')
  await goesOn()
  t.pass('whole again')

  const told = new Told()
  told.hear(await child.kill())
  const store = await openFolderStore(disk.folder)
  t.same(await told.contradictions(store), [])
  t.ok(told.enrolled.size > 3, `${told.enrolled.size} told`)
  await store.close()
})

t.test('a sync takes two seconds', async t => {
  const folder = t.testdir({ data: {}, bundle: {} })
  const data = join(folder, 'data')
  const tracker = { root: data, journal: join(folder, 'journal'), kept: join(folder, 'kept') }
  const env = await startTracking(tracker, await compileTracker(folder))
  const script = await bundleBusyChild(join(folder, 'bundle'))
  const slow = { ...env, SYNC_TRACKER_DELAY_MS: String(SLOW_MS) }
  const child = startBusyChild(script, { data, people: 0, env: slow })
  t.teardown(() => child.kill())
  const waited = await child.hears(/^waited \d+/m)
  t.ok(Number(waited.split(' ')[1]) > 10, `the rest went on, ${waited} times while one enrolment was kept`)
  const told = new Told()
  told.hear(await child.kill())
  t.ok(told.enrolled.size > 0)
  const store = await openFolderStore(data)
  t.same(await told.contradictions(store), [])
  await store.close()
})
