/**
 * Goal: what was done is told in the same batch, in order, also across restarts, and a log that was changed says where.
 * Method: entries on a store in memory; then each page is changed or taken out behind its back.
 */
import t from 'tap'
import { AuditChain } from '../../src/kv/audit-chain.ts'
import type { Kv } from '../../src/kv/kv.ts'
import { type MemoryFaults, openMemoryKv } from '../../src/kv/memory.ts'

async function filled() {
  const faults: MemoryFaults = {}
  const kv = openMemoryKv(undefined, faults)
  const chain = await AuditChain.open<string>(kv, 'audit/')
  for (const entry of ['one', 'two']) await chain.write(entry, [])
  const later = await AuditChain.open<string>(kv, 'audit/')
  // Together, as two people may.
  await Promise.all([
    later.write('three', [{ put: 'effect', value: Buffer.from('3') }]),
    later.write('four', []),
  ])
  return { kv, chain: later, faults }
}

const read = async (chain: AuditChain<string>) => {
  const seen: [number, string, boolean][] = []
  for await (const { number, entry, intact } of chain.entries()) seen.push([number, entry, intact])
  return seen
}

t.test('in order, across a restart', async t => {
  const { kv, chain } = await filled()
  t.same(await read(chain), [
    [1, 'one', true],
    [2, 'two', true],
    [3, 'three', true],
    [4, 'four', true],
  ])
  t.equal(Buffer.from((await kv.get('effect')) ?? []).toString(), '3')
})

t.test('what was changed or taken out shows', async t => {
  const broken = async (change: (kv: Kv, key: string) => Promise<void>) => {
    const { kv, chain } = await filled()
    await change(kv, 'audit/000000000002')
    return (await read(chain)).map(([number, , intact]) => [number, intact])
  }
  t.same(
    await broken(async (kv, key) => {
      const page = JSON.parse(Buffer.from((await kv.get(key)) ?? []).toString())
      await kv.write([{ put: key, value: Buffer.from(JSON.stringify({ ...page, entry: 'other' })) }])
    }),
    [
      [1, true],
      [2, true],
      [3, false],
      [4, true],
    ],
  )
  t.same(await broken((kv, key) => kv.write([{ delete: key }])), [
    [1, true],
    [3, false],
    [4, true],
  ])
})

t.test('a write that fails leaves the chain as it was', async t => {
  const { chain, faults } = await filled()
  faults.beforeCommit = () => Promise.reject(new Error('disk'))
  await t.rejects(chain.write('five', []))
  faults.beforeCommit = undefined
  await chain.write('six', [])
  t.same((await read(chain)).at(-1), [5, 'six', true])
})

t.test('a write that failed and was made all the same stays', async t => {
  const { chain, faults } = await filled()
  faults.afterCommit = () => Promise.reject(new Error('disk'))
  await t.rejects(chain.write('five', []))
  faults.afterCommit = undefined
  await chain.write('six', [])
  t.same((await read(chain)).slice(-2), [
    [5, 'five', true],
    [6, 'six', true],
  ])
})
