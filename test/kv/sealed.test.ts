import t from 'tap'
import { MemoryDisk, openMemoryKv } from '../../src/kv/memory.ts'
import { sealedValues } from '../../src/kv/sealed.ts'
import { kvContract } from '../contract/kv.ts'

const dataKey = new Uint8Array(32).fill(7)
const text = (value: Uint8Array | undefined) => value && Buffer.from(value).toString()
const bytes = (value: string) => Buffer.from(value)

kvContract(t, async () => {
  const disk = new MemoryDisk()
  return {
    open: async () => sealedValues(openMemoryKv(disk), dataKey),
    damage: async key => {
      // Below the seal but above the tag: what only the seal can notice.
      const kv = openMemoryKv(disk)
      const value = (await kv.get(key))!.slice()
      value[20] ^= 1
      await kv.write([{ put: key, value }])
    },
  }
})

t.test('a value is readable only with its data key and under its own key', async t => {
  const below = openMemoryKv()
  const kv = sealedValues(below, dataKey)
  await kv.write([{ put: 'a', value: bytes('minutiae') }])
  const sealed = (await below.get('a'))!
  t.notOk(Buffer.from(sealed).includes('minutiae'))
  await below.write([{ put: 'b', value: sealed }])
  await t.rejects(kv.get('b'), { code: 'kv/corrupt', details: { key: 'b' } })
  const otherKey = sealedValues(below, new Uint8Array(32).fill(8))
  await t.rejects(otherKey.get('a'), { code: 'kv/corrupt' })
  await below.write([{ put: 'c', value: new Uint8Array(27) }])
  await t.rejects(kv.get('c'), { code: 'kv/corrupt' })
})

t.test('the same value is sealed differently each time', async t => {
  const below = openMemoryKv()
  const kv = sealedValues(below, dataKey)
  await kv.write([{ put: 'a', value: bytes('same') }])
  const first = (await below.get('a'))!
  await kv.write([{ put: 'a', value: bytes('same') }])
  t.notSame(await below.get('a'), first)
  t.equal(text(await kv.get('a')), 'same')
})

t.test('what is sealed to somebody else passes as it is', async t => {
  const below = openMemoryKv()
  const kv = sealedValues(below, dataKey, { plainPrefixes: ['body/'] })
  await kv.write([
    { put: 'body/1', value: bytes('eyJ…') },
    { put: 'bodyless', value: bytes('secret') },
  ])
  t.equal(text(await below.get('body/1')), 'eyJ…')
  t.not(text(await below.get('bodyless')), 'secret')
  t.equal(text(await kv.get('body/1')), 'eyJ…')
  t.equal(text(await kv.get('bodyless')), 'secret')
})
