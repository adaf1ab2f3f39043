/**
 * Goal: after `tunggal keys decommission` a card holds nothing that reads what is on it: no key in any spelling, no NIK,
 * no template; what is sealed to the ABIS can still be brought there.
 * Method: a citizen enrolled with the shipped command; then every byte below the data folder is searched, and so are
 * the places on the disk where the keys were, through files that stayed open.
 */
import { execFileSync, spawn } from 'node:child_process'
import { type FileHandle, open, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { socketPath } from '../../src/cli/local/ask-local.ts'
import { isThere } from '../../src/keys/key-file.ts'
import { writeCitizen } from '../support/finger-images.ts'
import { until } from '../support/until.ts'
import { buildCli } from './built-cli.ts'

t.setTimeout(240_000)
const root = join(import.meta.dirname, '../..')
const NIK = '3171236108850001'
const secretFiles = ['key.pem', 'data.key', 'index.key']
const folder = t.testdir({ cli: {} })
const tunggal = buildCli(join(folder, 'cli'))
const images = await writeCitizen(join(folder, 'images'), 5, 0, 2)

/** A kiosk that has enrolled one citizen, its broker out of reach. */
async function usedKiosk(name: string) {
  const data = join(folder, name)
  await tunggal('keys', 'init', '--demo', '--data', data)
  const config = join(folder, `${name}.json`)
  await writeFile(config, '{"broker":{"url":"mqtt://127.0.0.1:9"},"ui":{"port":0},"capture":{"plan":[2,7]}}')
  const where = ['--data', data, '--config', config]
  const enrolled = await tunggal('enrol', '--images', images, '--nik', NIK, ...where)
  if (enrolled.code !== 0) throw new Error(enrolled.err)
  const keys = join(data, 'keys/kiosk')
  const contents = new Map<string, Buffer>()
  const handles: FileHandle[] = []
  for (const file of secretFiles) {
    contents.set(file, await readFile(join(keys, file)))
    handles.push(await open(join(keys, file)))
  }
  return { data, where, keys, contents, handles }
}

/** A secret as it could stand anywhere. */
function spellings(file: string, content: Buffer): Buffer[] {
  const raw =
    file === 'key.pem'
      ? Buffer.from(content.toString().replace(/-----[^-]+-----|\s/g, ''), 'base64')
      : content
  // The private number itself, wherever it is in PKCS #8: 32 bytes from the 36th on.
  const inside = file === 'key.pem' ? raw.subarray(36, 68) : raw
  return [inside, ...['hex', 'base64', 'base64url'].map(as => Buffer.from(inside.toString(as as 'hex')))]
}

async function bytesBelow(folder: string): Promise<Buffer> {
  const parts: Buffer[] = []
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) parts.push(await readFile(join(entry.parentPath, entry.name)))
  return Buffer.concat(parts)
}

async function nothingIsLeft(
  t: Test,
  { data, keys, contents, handles }: Awaited<ReturnType<typeof usedKiosk>>,
) {
  const store = await bytesBelow(join(data, 'store'))
  t.ok(store.length > 1_000, 'there is something to be read')
  const all = Buffer.concat([store, await bytesBelow(keys)])
  for (const [file, content] of contents)
    for (const spelling of spellings(file, content)) t.notOk(all.includes(spelling), file)
  t.notOk(all.includes(NIK))
  t.notOk(all.includes('FMR\0'), 'no template either')
  for (const [index, handle] of handles.entries()) {
    const overwritten = await handle.readFile()
    const before = contents.get(secretFiles[index])
    t.equal(overwritten.length, before?.length)
    t.notSame(overwritten, before, `${secretFiles[index]}: where it was is other`)
    t.notOk(overwritten.includes('PRIVATE'))
    await handle.close()
  }
}

t.test('a kiosk that does not run', async t => {
  const kiosk = await usedKiosk('still')
  const { where, data } = kiosk
  t.ok(
    (await bytesBelow(kiosk.keys)).includes(kiosk.contents.get('data.key') ?? ''),
    'the search finds what is there',
  )
  const other = await tunggal('keys', 'decommission', 'kiosk-9999', ...where)
  t.equal(other.code, 64, 'not that one')
  const done = await tunggal('keys', 'decommission', 'kiosk-demo', ...where, '--json')
  t.equal(done.code, 0, done.err)
  t.same(done.lines, [{ name: 'kiosk-demo', erased: true, waiting: 1 }])
  await nothingIsLeft(t, kiosk)
  t.match((await tunggal('record', 'list', ...where)).err, /keys\/missing/)
  const drained = await tunggal('outbox', 'export', join(folder, 'stick'), '--from', data, '--json')
  t.equal(drained.code, 0, drained.err)
  t.equal(drained.lines.length, 1, 'the submission is not lost')
  t.equal((await tunggal('abis', 'import', join(folder, 'stick'), '--data', data)).code, 0)
})

t.test('a kiosk that runs', async t => {
  const kiosk = await usedKiosk('running')
  const { where, data } = kiosk
  execFileSync(join(root, 'scripts/build'))
  const child = spawn(process.execPath, [join(root, 'dist/tunggal.js'), 'run', ...where], { stdio: 'ignore' })
  t.teardown(() => child.kill('SIGKILL'))
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  await until(() => isThere(socketPath(data, 'kiosk')), 90_000)
  const done = await tunggal('keys', 'decommission', 'kiosk-demo', ...where, '--json')
  t.equal(done.code, 0, done.err)
  t.equal(await ended, 78, 'it stops by itself')
  await nothingIsLeft(t, kiosk)
})
