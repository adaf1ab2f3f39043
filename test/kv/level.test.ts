import { copyFile, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { openLevelKv } from '../../src/kv/level.ts'
import { kvContract } from '../contract/kv.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

kvContract(t, async t => {
  const folder = join(t.testdir(), 'kv')
  return {
    open: () => openLevelKv(folder),
    damage: async key => {
      // A flipped bit in a log loses the block; that is for the store's audit. Here: in a table.
      await (await openLevelKv(folder)).close()
      await flipBit(folder, /\.ldb$/, `value of ${key}`)
    },
  }
})

async function flipBit(folder: string, names: RegExp, near: string): Promise<void> {
  for (const name of (await readdir(folder)).filter(name => names.test(name))) {
    const content = await readFile(join(folder, name))
    const at = content.indexOf(near)
    if (at < 0) continue
    content[at] ^= 1
    await writeFile(join(folder, name), content)
    return
  }
  throw new Error(`no file holds ${near}`)
}

async function filled(folder: string): Promise<void> {
  const kv = await openLevelKv(folder)
  for (let index = 0; index < 300; index++)
    await kv.write([
      { put: `key/${String(index).padStart(3, '0')}`, value: new Uint8Array(20_000).fill(index) },
    ])
  await kv.close()
  // Opening writes what is in the log into a table.
  await (await openLevelKv(folder)).close()
}

t.test('one process at a time', async t => {
  const folder = join(t.testdir(), 'kv')
  const kv = await openLevelKv(folder)
  await t.rejects(openLevelKv(folder), { code: 'kv/locked' })
  await kv.close()
  await (await openLevelKv(folder)).close()
})

/**
 * Goal: a database whose files are damaged or gone is refused, and left as it is.
 * Method: each way on its own copy; the files before and after are compared.
 */
t.test('a gutted database is refused, never repaired or replaced by an empty one', async t => {
  const folder = join(t.testdir(), 'kv')
  await filled(folder)
  const names = await readdir(folder)
  t.ok(names.filter(name => name.endsWith('.ldb')).length > 1)
  const table = names.find(name => name.endsWith('.ldb'))!
  const manifest = names.find(name => name.startsWith('MANIFEST'))!
  const ways: Record<string, (copy: string) => Promise<void>> = {
    'CURRENT missing': copy => rm(join(copy, 'CURRENT')),
    'CURRENT empty': copy => truncate(join(copy, 'CURRENT')),
    'MANIFEST missing': copy => rm(join(copy, manifest)),
    'MANIFEST empty': copy => truncate(join(copy, manifest)),
    'a table missing': copy => rm(join(copy, table)),
  }
  for (const [way, damage] of Object.entries(ways)) {
    const copy = join(t.testdirName, way)
    await mkdir(copy)
    for (const name of names) await copyFile(join(folder, name), join(copy, name))
    await damage(copy)
    const before = (await readdir(copy)).filter(name => name.endsWith('.ldb'))
    await t.rejects(openLevelKv(copy), { code: 'kv/corrupt' }, way)
    const after = (await readdir(copy)).filter(name => name.endsWith('.ldb'))
    t.same(after, before, `${way}: its tables are still there`)
  }
})

t.test('an empty table is damage, unless nothing counts on it', async t => {
  const folder = join(t.testdir(), 'kv')
  await filled(folder)
  const table = (await readdir(folder)).find(name => name.endsWith('.ldb'))!
  // What a kill in the middle of a compaction leaves.
  await writeFile(join(folder, '999999.ldb'), '')
  const kv = await openLevelKv(folder)
  t.ok(await kv.get('key/000'))
  await kv.close()
  await truncate(join(folder, table))
  const read = async () => {
    const damaged = await openLevelKv(folder)
    for (let index = 0; index < 300; index++) await damaged.get(`key/${String(index).padStart(3, '0')}`)
  }
  await t.rejects(read(), { code: 'kv/corrupt' })
})

t.test('an unreadable block costs only what it held', async t => {
  const folder = join(t.testdir(), 'kv')
  await filled(folder)
  const names = (await readdir(folder)).filter(name => name.endsWith('.ldb'))
  // The end of a block is its restart array: with a huge count there, no entry of it can be read.
  const content = await readFile(join(folder, names[0]))
  const at = content.indexOf(Buffer.from('key/')) + 20_100
  const blockEnd = content.indexOf(Buffer.from('key/'), at) - 9
  content.fill(0xff, blockEnd - 5, blockEnd)
  await writeFile(join(folder, names[0]), content)
  const kv = await openLevelKv(folder)
  const damaged: (string | undefined)[] = []
  let read = 0
  for await (const _ of kv.range({ from: 'key/', to: 'key0', onCorrupt: key => damaged.push(key) })) read++
  t.ok(damaged.length > 0, 'the damage is reported')
  t.ok(read >= 298, `${read} of 300 still come`)
  await t.rejects(
    async () => {
      for await (const _ of kv.range({ from: 'key/', to: 'key0' }));
    },
    { code: 'kv/corrupt' },
  )
  await kv.close()
})

t.test('keys and values that nobody should write are our mistake', async t => {
  const kv = await openLevelKv(join(t.testdir(), 'kv'))
  await t.rejects(kv.write([{ put: '', value: bytes('a') }]), { code: 'ERR_ASSERTION' })
  await t.rejects(kv.write([{ delete: 'a'.repeat(513) }]), { code: 'ERR_ASSERTION' })
  await kv.close()
})
