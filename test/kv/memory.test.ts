import t from 'tap'
import { KioskError } from '../../src/base/errors.ts'
import { MemoryDisk, openMemoryKv } from '../../src/kv/memory.ts'
import { kvContract } from '../contract/kv.ts'

kvContract(t, async () => {
  const disk = new MemoryDisk()
  return {
    open: async () => openMemoryKv(disk),
    damage: async key => {
      const stored = disk.get(key)!.slice()
      stored[stored.length - 1] ^= 1
      disk.put(key, stored)
    },
  }
})

t.test('a cut before a commit loses all of it, a cut after loses nothing', async t => {
  const value = new Uint8Array([1])
  for (const [hook, kept] of [
    ['beforeCommit', false],
    ['afterCommit', true],
  ] as const) {
    const disk = new MemoryDisk()
    const kv = openMemoryKv(disk, {
      [hook]: () => {
        throw new KioskError('kv/io')
      },
    })
    const written = kv.write([
      { put: 'a', value },
      { put: 'b', value },
    ])
    await t.rejects(written, { code: 'kv/io' })
    const reopened = openMemoryKv(disk)
    t.equal((await reopened.get('a')) !== undefined, kept)
    t.equal((await reopened.get('b')) !== undefined, kept)
  }
})

t.test('what waited behind a failed commit fails with it', async t => {
  let commits = 0
  const kv = openMemoryKv(undefined, {
    beforeCommit() {
      if (++commits === 1) throw new KioskError('kv/io')
    },
  })
  const value = new Uint8Array(3 * 1024 * 1024) // two of them do not fit in one commit
  const first = kv.write([{ put: 'a', value }])
  const second = kv.write([{ put: 'b', value }])
  await t.rejects(first, { code: 'kv/io' })
  await t.rejects(second, { code: 'kv/io' })
  t.equal(await kv.get('b'), undefined)
  await kv.write([{ put: 'c', value }])
  t.ok(await kv.get('c'))
})

t.test('more than may wait is refused', async t => {
  const kv = openMemoryKv()
  const value = new Uint8Array(30 * 1024 * 1024)
  const writes = ['a', 'b', 'c'].map(key => kv.write([{ put: key, value }]))
  await t.rejects(writes[2], { code: 'kv/busy' })
  await Promise.all(writes.slice(0, 2))
  t.equal(await kv.get('c'), undefined)
})
