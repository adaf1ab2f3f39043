/**
 * Goal: a backup gives back exactly what was there, to whoever holds the data key and to nobody else, and
 * one that was shortened or changed is refused as a whole.
 * Method: a database in memory with sealed values; every bit of a small backup is flipped, every length tried.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readBackup, verifyBackup, writeBackup } from '../../src/abis/backup.ts'
import { MemoryDisk, openMemoryKv } from '../../src/kv/memory.ts'
import { sealedValues } from '../../src/kv/sealed.ts'
import { collect, dataKey } from '../store/fixture.ts'

const ALL = { from: '\u0000', to: '\uffff' }
const SECRET = '3171011708850001'

async function filledDisk(entries: number): Promise<MemoryDisk> {
  const disk = new MemoryDisk()
  const kv = sealedValues(openMemoryKv(disk), dataKey)
  for (let index = 0; index < entries; index++)
    await kv.write([{ put: `record/${index}`, value: Buffer.from(`${SECRET} ${index}`.repeat(index % 7)) }])
  return disk
}

const noDamage = () => t.fail('nothing is damaged')

t.test('there and back', async t => {
  const file = join(t.testdir(), 'backup')
  const disk = await filledDisk(2_000)
  t.equal(await writeBackup(openMemoryKv(disk), { file, dataKey, onDamage: noDamage }), 2_000)
  t.equal((await readFile(file)).includes(SECRET), false, 'nothing in it can be read')
  t.equal(await verifyBackup(file, dataKey), 2_000)
  const restored = new MemoryDisk()
  await readBackup(file, openMemoryKv(restored))
  t.same(
    await collect(sealedValues(openMemoryKv(restored), dataKey).range(ALL)),
    await collect(sealedValues(openMemoryKv(disk), dataKey).range(ALL)),
  )
  await t.rejects(verifyBackup(file, new Uint8Array(32)), { code: 'io/unreadable' })
  await t.rejects(writeBackup(openMemoryKv(disk), { file, dataKey, onDamage: noDamage }), {
    code: 'io/unwritable',
  })
})

t.test('a damaged entry is told and left out', async t => {
  const file = join(t.testdir(), 'backup')
  const disk = await filledDisk(3)
  disk.put('record/1', Buffer.from('not what was written'))
  const damaged: (string | undefined)[] = []
  const onDamage = (key: string | undefined) => damaged.push(key)
  t.equal(await writeBackup(openMemoryKv(disk), { file, dataKey, onDamage }), 2)
  t.same(damaged, ['record/1'])
  t.equal(await verifyBackup(file, dataKey), 2)
})

t.test('any flipped bit, any other length', async t => {
  const file = join(t.testdir(), 'backup')
  await writeBackup(openMemoryKv(await filledDisk(3)), { file, dataKey, onDamage: noDamage })
  const whole = await readFile(file)
  const changed = `${file}.changed`
  let refused = 0
  const mustRefuse = async (bytes: Uint8Array, what: string) => {
    await writeFile(changed, bytes)
    await verifyBackup(changed, dataKey).then(
      () => t.fail(what),
      error => {
        if (error.code !== 'io/unreadable') t.fail(what, { error })
        refused++
      },
    )
  }
  for (let at = 0; at < whole.length; at++) {
    const bytes = Buffer.from(whole)
    bytes[at] ^= 1 << (at % 8)
    await mustRefuse(bytes, `bit at ${at}`)
    await mustRefuse(whole.subarray(0, at), `cut at ${at}`)
  }
  await mustRefuse(Buffer.concat([whole, Buffer.from('x')]), 'something behind it')
  t.equal(refused, 2 * whole.length + 1)
})
