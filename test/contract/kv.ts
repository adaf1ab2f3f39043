import type { Test } from 'tap'
import type { Change, Kv } from '../../src/kv/kv.ts'

/** One disk that a `Kv` can be opened on again and again. */
export interface KvHarness {
  open(): Promise<Kv>
  /** Flips one bit of the stored value of `key`, below the `Kv` (which is closed). */
  damage(key: string): Promise<void>
}

const bytes = (text: string) => new TextEncoder().encode(text)
const put = (key: string, text: string): Change => ({ put: key, value: bytes(text) })

async function keysOf(kv: Kv, range: Parameters<Kv['range']>[0]): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of kv.range(range)) keys.push(key)
  return keys
}

/**
 * Goal: every promise of `Kv` holds for this implementation.
 * Method: each test opens a fresh disk; what must be durable is read through a second opening.
 */
export function kvContract(t: Test, newHarness: (t: Test) => Promise<KvHarness>): void {
  t.test('a walk sees what was there when it began', async t => {
    const kv = await (await newHarness(t)).open()
    const many = Array.from({ length: 600 }, (_, index) => `k${String(index).padStart(3, '0')}`)
    await kv.write(many.map(key => put(key, 'before')))
    const seen: string[] = []
    for await (const { key, value } of kv.range({ from: 'k', to: 'l' })) {
      if (seen.length === 0) await kv.write([put('k599', 'after'), { delete: 'k300' }, put('k3005', 'new')])
      seen.push(`${key} ${Buffer.from(value)}`)
    }
    t.same(
      seen,
      many.map(key => `${key} before`),
    )
    await kv.close()
  })

  t.test('giving memory back changes nothing', async t => {
    const kv = await (await newHarness(t)).open()
    await kv.write([put('a', '1')])
    const written = kv.write([put('b', '2')])
    await kv.shrink()
    await written
    await kv.write([put('c', '3')])
    t.same(await keysOf(kv, { from: 'a', to: 'z' }), ['a', 'b', 'c'])
    await kv.close()
    await t.rejects(kv.shrink(), { code: 'kv/io' })
  })

  t.test('a value comes back as it was written, also after reopening', async t => {
    const harness = await newHarness(t)
    const everyByte = Uint8Array.from({ length: 70_000 }, (_, index) => index * 7)
    let kv = await harness.open()
    await kv.write([{ put: 'a', value: everyByte }, put('empty', '')])
    t.same(Buffer.from((await kv.get('a'))!), Buffer.from(everyByte))
    await kv.close()
    kv = await harness.open()
    t.same(Buffer.from((await kv.get('a'))!), Buffer.from(everyByte))
    t.equal((await kv.get('empty'))?.length, 0)
    t.equal(await kv.get('nothing'), undefined)
    await kv.close()
  })

  t.test('a write takes the values as they are when it is called', async t => {
    const kv = await (await newHarness(t)).open()
    const value = bytes('template')
    const written = kv.write([{ put: 'a', value }])
    value.fill(0)
    await written
    t.equal(Buffer.from((await kv.get('a'))!).toString(), 'template')
    await kv.close()
  })

  t.test('concurrent writes keep their order, and within one write the last change holds', async t => {
    const harness = await newHarness(t)
    const kv = await harness.open()
    await Promise.all([
      kv.write([put('a', '1'), put('b', '1')]),
      kv.write([{ delete: 'a' }]),
      kv.write([put('a', '2'), put('c', '1'), { delete: 'c' }]),
      ...Array.from({ length: 600 }, (_, index) => kv.write([put('last', String(index))])),
    ])
    t.same(await keysOf(kv, { from: 'a', to: 'd' }), ['a', 'b'])
    t.equal(Buffer.from((await kv.get('a'))!).toString(), '2')
    t.equal(Buffer.from((await kv.get('last'))!).toString(), '599')
    await kv.close()
  })

  t.test('a write that is called just as another is done is not forgotten', async t => {
    const kv = await (await newHarness(t)).open()
    for (let turns = 0; turns < 8; turns++) {
      const done = kv.write([put('a', String(turns))])
      let next: Promise<void> = done
      for (let turn = 0; turn < turns; turn++) next = next.then(() => {})
      await next.then(() => kv.write([put('b', String(turns))]))
      t.equal(Buffer.from((await kv.get('b'))!).toString(), String(turns))
    }
    await kv.close()
  })

  t.test('keys are ordered by their UTF-8 bytes, and a range is half open', async t => {
    const kv = await (await newHarness(t)).open()
    // U+FB00 sorts after U+1F600 in UTF-16 code units, before it in UTF-8.
    const keys = ['a', 'a/1', 'a/10', 'a/2', 'b', 'é', '\u{fb00}', '\u{1f600}']
    await kv.write([...keys].reverse().map(key => put(key, key)))
    t.same(await keysOf(kv, { from: 'a', to: '\u{10ffff}' }), keys)
    t.same(await keysOf(kv, { from: 'a/1', to: 'b' }), ['a/1', 'a/10', 'a/2'])
    t.same(await keysOf(kv, { from: 'a', to: '\u{10ffff}', reverse: true, limit: 3 }), [
      '\u{1f600}',
      '\u{fb00}',
      'é',
    ])
    t.same(await keysOf(kv, { from: 'a', to: 'c', limit: 0 }), [])
    t.same(await keysOf(kv, { from: 'c', to: 'a' }), [])
    await kv.close()
  })

  t.test('a range longer than any read-ahead comes whole', async t => {
    const kv = await (await newHarness(t)).open()
    const keys = Array.from({ length: 2000 }, (_, index) => `key/${String(index).padStart(5, '0')}`)
    await kv.write(keys.map(key => put(key, key.repeat(40))))
    t.same(await keysOf(kv, { from: 'key/', to: 'key0' }), keys)
    t.same(await keysOf(kv, { from: 'key/', to: 'key0', reverse: true }), [...keys].reverse())
    await kv.close()
  })

  t.test('a flipped bit is kv/corrupt, and the rest still comes', async t => {
    const harness = await newHarness(t)
    let kv = await harness.open()
    await kv.write(['a', 'b', 'c'].map(key => put(key, `value of ${key}, long enough to be found again`)))
    await kv.close()
    await harness.damage('b')
    kv = await harness.open()
    await t.rejects(kv.get('b'), { code: 'kv/corrupt', details: { key: 'b' } })
    await t.rejects(keysOf(kv, { from: 'a', to: 'd' }), { code: 'kv/corrupt', details: { key: 'b' } })
    const damaged: (string | undefined)[] = []
    const onCorrupt = (key: string | undefined) => damaged.push(key)
    t.same(await keysOf(kv, { from: 'a', to: 'd', limit: 2, onCorrupt }), ['a', 'c'])
    t.same(damaged, ['b'])
    await kv.write([put('b', 'again')])
    t.equal(Buffer.from((await kv.get('b'))!).toString(), 'again')
    await kv.close()
  })

  t.test('after close everything is refused, and what was under way is done', async t => {
    const harness = await newHarness(t)
    let kv = await harness.open()
    const written = kv.write([put('a', '1')])
    await Promise.all([kv.close(), written])
    await t.rejects(kv.get('a'), { code: 'kv/io' })
    await t.rejects(kv.write([put('a', '2')]), { code: 'kv/io' })
    await t.rejects(keysOf(kv, { from: 'a', to: 'b' }), { code: 'kv/io' })
    await kv.close()
    kv = await harness.open()
    t.equal(Buffer.from((await kv.get('a'))!).toString(), '1')
    await kv.close()
  })
}
