/**
 * Goal: the engine on its own thread gives what it gives on this one, and outlives its failures.
 * Method: the same synthetic frames through both; a blank one, a broken one, a close in the middle.
 */
import t from 'tap'
import type { Frame } from '../../../src/finger/image/frame.ts'
import { syntheticFinger } from '../../../src/finger/synthetic/finger.ts'
import { impression } from '../../../src/finger/synthetic/impression.ts'
import { localEngine } from '../../../src/finger/worker/local-engine.ts'
import { WorkerEngine } from '../../../src/finger/worker/worker-engine.ts'

const frame = impression(syntheticFinger(1), { seed: 1 })
const copyOf = (frame: Frame): Frame => ({ ...frame, pixels: frame.pixels.slice() })

t.test('the same sample and comparison as on this thread', async t => {
  const engine = new WorkerEngine()
  t.teardown(() => engine.close())
  const [there, here] = await Promise.all([engine.sample(copyOf(frame)), localEngine.sample(copyOf(frame))])
  t.same(there, here)
  t.same(
    await engine.compare(there.template, there.template),
    await localEngine.compare(here.template, here.template),
  )
})

t.test('a refusal keeps its code, a crash tells nothing of the image, and both are survived', async t => {
  const engine = new WorkerEngine()
  t.teardown(() => engine.close())
  const blank = { ...frame, pixels: new Uint8Array(frame.pixels.length).fill(255) }
  await t.rejects(engine.sample(blank), { code: 'finger/not-a-finger' })
  const torn = { ...frame, pixels: frame.pixels.slice(0, 100) }
  await t.rejects(engine.sample(torn), { code: 'finger/engine-stopped', details: {} })
  t.ok((await engine.sample(copyOf(frame))).template.count > 0)
})

t.test('a thread that ends rejects what it was asked, and the next call gets a new one', async t => {
  const engine = new WorkerEngine()
  t.teardown(() => engine.close())
  const cut = t.rejects(engine.sample(copyOf(frame)), { code: 'finger/engine-stopped' })
  await engine.close()
  await cut
  t.ok((await engine.sample(copyOf(frame))).template.count > 0)
})

t.test('more calls than it takes at once are refused', async t => {
  const engine = new WorkerEngine()
  const { template } = await localEngine.sample(copyOf(frame))
  const calls = Array.from({ length: 100 }, () => engine.compare(template, template))
  const results = await Promise.allSettled(calls)
  const refused = results.filter(result => result.status === 'rejected')
  t.equal(refused.length, 36)
  t.equal((refused[0].reason as { code: string }).code, 'finger/engine-busy')
  await engine.close()
})

t.test('it rests between visits, and not while somebody waits', async t => {
  const engine = new WorkerEngine()
  t.teardown(() => engine.close())
  engine.prepare()
  engine.prepare()
  const asked = engine.sample(copyOf(frame))
  await engine.rest()
  t.ok((await asked).template.count > 0)
  await engine.rest()
  await engine.rest()
  t.ok((await engine.sample(copyOf(frame))).template.count > 0)
})
