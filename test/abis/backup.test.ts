/**
 * Goal: a backup gives back exactly what was there, to whoever holds the data key and to nobody else, and
 * one that was shortened or changed is refused as a whole.
 * Method: a database in memory with sealed values; every bit of a small backup is flipped, every length tried.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { v7 } from 'uuid'
import { readBackup, verifyBackup, writeBackup } from '../../src/abis/backup.ts'
import { PrintSpool } from '../../src/abis/print-spool.ts'
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

async function* files(...names: string[]) {
  for (const name of names) yield { name, bytes: Buffer.from(`of ${name}`) }
}

const noDamage = () => t.fail('nothing is damaged')

t.test('there and back', async t => {
  const file = join(t.testdir(), 'backup')
  const disk = await filledDisk(2_000)
  t.equal(await writeBackup(openMemoryKv(disk), { file, dataKey, files: files(), onDamage: noDamage }), 2_000)
  t.equal((await readFile(file)).includes(SECRET), false, 'nothing in it can be read')
  t.equal(await verifyBackup(file, dataKey), 2_000)
  const restored = new MemoryDisk()
  await readBackup(file, openMemoryKv(restored), async ({ name }) => {
    t.fail(name)
  })
  t.same(
    await collect(sealedValues(openMemoryKv(restored), dataKey).range(ALL)),
    await collect(sealedValues(openMemoryKv(disk), dataKey).range(ALL)),
  )
  await t.rejects(verifyBackup(file, new Uint8Array(32)), { code: 'io/unreadable' })
  await t.rejects(writeBackup(openMemoryKv(disk), { file, dataKey, files: files(), onDamage: noDamage }), {
    code: 'io/unwritable',
  })
})

t.test('print jobs that wait for their kiosks are in it, as they stand', async t => {
  const folder = t.testdir()
  const file = join(folder, 'backup')
  const spool = new PrintSpool(join(folder, 'prints'))
  const jobs = ['kiosk-1', 'kiosk-2'].map(kiosk => ({ kiosk, job: v7(), id: v7(), kind: 'card' as const }))
  for (const job of jobs) await spool.put(job, Buffer.from(`sealed to ${job.kiosk}`))
  await writeFile(join(folder, 'prints/out/kiosk-1/cut-short.part'), 'no job')
  const disk = await filledDisk(1)
  await writeBackup(openMemoryKv(disk), { file, dataKey, files: spool.files(), onDamage: noDamage })
  t.equal(await verifyBackup(file, dataKey), 3)

  const restored = new PrintSpool(join(folder, 'restored'))
  const restoredDisk = new MemoryDisk()
  await readBackup(file, openMemoryKv(restoredDisk), one => restored.putFile(one))
  t.same(await restored.waiting(), await spool.waiting())
  t.equal((await restored.waiting()).length, 2)
  for (const job of jobs)
    t.equal(Buffer.from((await restored.body(job)) ?? '').toString(), `sealed to ${job.kiosk}`)
  t.equal((await collect(openMemoryKv(restoredDisk).range(ALL))).length, 1)
  for (const name of ['../keys/abis/data.key', 'out/kiosk-1/../../x.pem', '/etc/passwd'])
    await t.rejects(restored.putFile({ name, bytes: new Uint8Array() }), { code: 'io/unreadable' })
})

t.test('a damaged entry is told and left out', async t => {
  const file = join(t.testdir(), 'backup')
  const disk = await filledDisk(3)
  disk.put('record/1', Buffer.from('not what was written'))
  const damaged: (string | undefined)[] = []
  const onDamage = (key: string | undefined) => damaged.push(key)
  t.equal(await writeBackup(openMemoryKv(disk), { file, dataKey, files: files(), onDamage }), 2)
  t.same(damaged, ['record/1'])
  t.equal(await verifyBackup(file, dataKey), 2)
})

t.test('any flipped bit, any other length', async t => {
  const file = join(t.testdir(), 'backup')
  await writeBackup(openMemoryKv(await filledDisk(3)), {
    file,
    dataKey,
    files: files('a/b'),
    onDamage: noDamage,
  })
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
