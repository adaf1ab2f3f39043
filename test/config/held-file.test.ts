/**
 * Goal: whenever the power fails, and whatever the disk then kept, a kiosk starts with the configuration before or
 * the one after; a file that rots is noticed, and never read as another.
 * Method: a whole life with configurations on a disk that is cut before every one of its operations, with every
 * fate of what was not synced; every bit of the files flipped; then the real thing, killed at random moments.
 */
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { compileTracker, cutPower, nameRules, startTracking, tails } from '../../scripts/faults/power-cut.ts'
import { folderDisk } from '../../src/config/disk.ts'
import { type Held, settingsOf, started } from '../../src/config/held.ts'
import { heldFile } from '../../src/config/held-file.ts'
import { runUntilKilled } from '../store/child.ts'
import { bundle } from '../support/bundle.ts'
import { CutDisk, fates } from './cut-disk.ts'
import { at, base, life } from './worlds.ts'

async function writeAll(disk: CutDisk, steps: readonly Held[], written: Held[] = []): Promise<Held[]> {
  const file = heldFile(disk)
  await file.read()
  for (const step of steps) {
    await file.write(step)
    written.push(step)
  }
  return written
}

t.test('what was written is read, by the next opening too', async t => {
  const disk = new CutDisk()
  t.same(await heldFile(disk).read(), { held: undefined, damaged: false })
  for (const step of life()) {
    const file = heldFile(disk)
    await file.read()
    await file.write(step)
    t.same(await heldFile(disk).read(), { held: step, damaged: false })
  }
})

t.test('the power is cut before every operation on the disk', async t => {
  const steps = life()
  const whole = new CutDisk()
  await writeAll(whole, steps)
  t.ok(whole.operations >= 4 * steps.length, `${whole.operations} operations`)
  let cases = 0
  for (let cutAt = 0; cutAt < whole.operations; cutAt++)
    for (const fate of fates)
      for (let namesKept = 0; ; namesKept++) {
        const disk = new CutDisk(cutAt)
        const written: Held[] = []
        await t.rejects(writeAll(disk, steps, written), { code: 'kv/io' })
        if (namesKept > disk.volatileNames) break
        const after = disk.afterCut(namesKept, fate)
        const { held } = await heldFile(after).read()
        const [before, next] = [written.at(-1), steps[written.length]]
        if (!isDeepStrictEqual(held, before) && !isDeepStrictEqual(held, next))
          t.fail('neither the one before nor the one after', { cutAt, fate, namesKept, held })
        const runs = held ? started(held, base, at).settings.broker.url : base.broker.url
        if (runs !== base.broker.url) t.fail('defaults', { cutAt, fate, namesKept })
        // Life goes on from there.
        await writeAll(after, [steps[3]])
        const later = await heldFile(after).read()
        if (JSON.stringify(later.held) !== JSON.stringify(steps[3]))
          t.fail('cannot be written', { cutAt, fate })
        cases++
      }
  t.ok(cases > 400, `${cases} cuts`)
})

t.test('a flipped bit is noticed, and the file before it serves', async t => {
  const steps = life()
  const [before, last] = steps.slice(-2)
  const wrong: object[] = []
  let flips = 0
  for (const name of ['held-a.json', 'held-b.json']) {
    const disk = new CutDisk()
    await writeAll(disk, steps)
    const bytes = (await disk.read(name))!.length
    for (let bit = 0; bit < 8 * bytes; bit++) {
      disk.rot(name, bit)
      const { held, damaged } = await heldFile(disk).read()
      disk.rot(name, bit)
      flips++
      if (!damaged || !(isDeepStrictEqual(held, before) || isDeepStrictEqual(held, last)))
        wrong.push({ name, bit, held })
    }
    disk.rot(name, 100)
    await writeAll(disk, [steps[2]])
    t.same(await heldFile(disk).read(), { held: steps[2], damaged: false }, 'the next write mends it')
  }
  t.same(wrong, [])
  t.ok(flips > 4_000, `${flips} bits`)
})

t.test('both rotten: said, and not taken for a new kiosk', async t => {
  const disk = new CutDisk()
  await writeAll(disk, life())
  for (const name of ['held-a.json', 'held-b.json']) disk.rot(name, 100)
  t.same(await heldFile(disk).read(), { held: undefined, damaged: true })
})

t.test('a real folder, its process killed and its unsynced bytes and names taken away', async t => {
  const folder = t.testdir({ data: {}, bundle: {} })
  const data = join(folder, 'data')
  const tracker = { root: data, journal: join(folder, 'journal'), kept: join(folder, 'kept') }
  const library = await compileTracker(folder)
  const script = bundle(join(import.meta.dirname, 'writing-child.ts'), join(folder, 'bundle'))
  let told = 0
  let lost = 0
  for (const names of nameRules)
    for (const tail of ['cut', ...tails] as const) {
      const env = await startTracking(tracker, library)
      const output = await runUntilKilled(script, {
        data,
        people: told,
        lifeMs: 20 + Math.random() * 100,
        env,
      })
      const before = told
      told = Math.max(told, ...output.split('\n').map(Number))
      const taken = await cutPower(tracker, { tail, names, random: Math.random })
      lost += taken.bytes + taken.names
      const { held, damaged } = await heldFile(folderDisk(join(data, 'config'))).read()
      t.ok(told > before, 'it wrote')
      t.ok(
        held && held.highest >= told && held.highest <= told + 1,
        `${names} ${tail}: ${told}, ${held?.highest}`,
      )
      t.equal(held && settingsOf(held, base).capture.qualityMin, held && held.highest % 100)
      t.notOk(damaged)
      told = held?.highest ?? 0
    }
  t.ok(lost > 0, 'something was taken away')
})

t.test('a disk that refuses is kv/io', async t => {
  const disk = folderDisk(join(t.testdir(), 'nowhere'))
  t.equal(await disk.read('held-a.json'), undefined)
  await t.rejects(disk.sync('held-a.json'), { code: 'kv/io' })
  const file = folderDisk(join(t.testdir({ file: 'no folder' }), 'file'))
  await t.rejects(heldFile(file).write(life()[0]), { code: 'kv/io' })
  const inTheWay = folderDisk(t.testdir({ 'held-a.json': {} }))
  await t.rejects(heldFile(inTheWay).read(), { code: 'kv/io' })
})
