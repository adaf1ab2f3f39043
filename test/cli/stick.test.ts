/**
 * Goal: what a command says is on a stick is there when the stick is drawn, and what a kiosk does meanwhile ends no
 * export.
 * Method: every sync is noted, of files and of folders; a store that settles what was just looked at.
 */
import { open, readdir, readFile, rename } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import t from 'tap'
import { writeBackup } from '../../src/abis/backup.ts'
import { openAbisKv } from '../../src/cli/abis/open-abis.ts'
import type { Context } from '../../src/cli/command.ts'
import { writeExchanged, writeReceipt } from '../../src/cli/store/exchange-files.ts'
import { outboxExport } from '../../src/cli/store/outbox-export.ts'
import { openMemoryKv } from '../../src/kv/memory.ts'
import { dataKey, enrolment, openTestStore, receiptFor } from '../store/fixture.ts'

/** What all file handles inherit from. */
async function handlePrototype() {
  const handle = await open('/dev/null')
  await handle.close()
  return Object.getPrototypeOf(handle) as Awaited<ReturnType<typeof open>>
}

t.test('names are synced behind the files that have them', async t => {
  const prototype = await handlePrototype()
  const { sync } = prototype
  const synced: string[] = []
  t.teardown(() => {
    prototype.sync = sync
  })
  prototype.sync = async function (this: typeof prototype) {
    synced.push((await this.stat()).isDirectory() ? 'folder' : 'file')
    await sync.call(this)
  }
  const stick = t.testdir()
  const body = Buffer.from('sealed')
  const file = await writeExchanged(stick, 'kiosk-1', { kind: 'submission', number: 1, id: 'id', body })
  t.same(synced.splice(0), ['file', 'folder', 'folder'], 'its name, and that of the folder made for it')
  const receipt = await writeReceipt(file, body)
  t.same(synced, ['file', 'folder'])
  t.equal(dirname(receipt), dirname(file))
  t.same((await readdir(dirname(file))).sort(), [basename(receipt), basename(file)].sort(), 'nothing else')
})

t.test('a submission that is receipted while it is exported ends nothing', async t => {
  const stick = t.testdir()
  const store = await openTestStore()
  const records = [await store.enrol(enrolment()), await store.enrol(enrolment())]
  const peek = store.outbox.peek.bind(store.outbox)
  let looks = 0
  store.outbox.peek = async (limit, after) => {
    const entries = await peek(limit, after)
    if (looks++ === 0) await store.outbox.settle(receiptFor(records[0]))
    return entries
  }
  const context = { resolve: (path: string) => resolve(path), print: () => {} } as unknown as Context
  const opened = { name: 'kiosk-1', store } as unknown as Parameters<typeof outboxExport.inKiosk>[1]
  const code = await outboxExport.inKiosk(context, opened, { data: '', config: undefined }, [stick])
  t.equal(code, 0)
  const names = await readdir(join(stick, 'kiosk-1'))
  t.equal(names.length, 1)
  t.match(names[0], records[1].id)
})

t.test('a disk that takes only a part of what it is given makes no broken backup', async t => {
  const prototype = await handlePrototype()
  const { write } = prototype
  t.teardown(() => {
    prototype.write = write
  })
  const folder = t.testdir()
  const backUp = async (name: string) => {
    const file = join(folder, name)
    const kv = openMemoryKv()
    await kv.write([{ put: 'record/1', value: Buffer.from('of somebody') }])
    await writeBackup(kv, { file, dataKey, files: none(), onDamage: () => {} })
    return (await readFile(file)).length
  }
  const bytes = await backUp('whole')
  prototype.write = async function (this: typeof prototype, bytes: Uint8Array) {
    return await (write as (bytes: Uint8Array) => unknown).call(this, bytes.subarray(0, bytes.length >> 1))
  } as typeof write
  t.equal(await backUp('in parts'), bytes)
})

t.test('an ABIS whose restore was cut short between two names begins no empty database', async t => {
  const data = t.testdir({ 'abis.restoring': {} })
  await t.rejects(openAbisKv(data), { code: 'io/unreadable', message: /restore the backup again/ })
  t.same(await readdir(data), ['abis.restoring'])
  await rename(join(data, 'abis.restoring'), join(data, 'abis'))
  await (await openAbisKv(data)).close()
})

async function* none() {}
