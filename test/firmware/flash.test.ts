/**
 * Goal: a card holds what the image holds, and the site's settings, or the technician is told why not; a disk that is in
 * use is never written over.
 * Method: files as disks, with partition tables by sfdisk; what lsblk says of disks as it prints it.
 */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { open, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { diskIn, holdDisk, targetOf } from '../../firmware/flash/device.ts'
import { writeSiteData } from '../../firmware/flash/site-data.ts'
import { type Progress, writeImage } from '../../firmware/flash/write-image.ts'
import { partitionOf } from '../../firmware/image/partition.ts'
import { systemClock as clock } from '../../src/base/clock.ts'
import type { Site } from '../../src/keys/claim/site.ts'
import { demoKeys } from '../support/demo-keys.ts'

const MIB = 1 << 20
const { keys } = await demoKeys(t, clock)

/** 40 MiB: a table, 4 MiB that nobody knows before, and a data partition. */
async function newImage(t: Test): Promise<string> {
  const image = join(t.testdir(), 'image')
  await writeFile(image, '')
  await truncate(image, 40 * MIB)
  const file = await open(image, 'r+')
  await file.write(randomBytes(4 * MIB), 0, 4 * MIB, 10 * MIB)
  await file.close()
  const table = 'label: gpt\nstart=1MiB, size=8MiB, name=boot\nstart=16MiB, size=20MiB, name=data\n'
  execFileSync('sfdisk', ['--quiet', image], { input: table })
  return image
}

function write(
  image: string,
  device: string,
  more: { signal?: AbortSignal; onProgress?(p: Progress): void } = {},
) {
  const { signal = new AbortController().signal, onProgress = () => {} } = more
  return writeImage({ image, device, isDisk: false, clock, signal, onProgress })
}

t.test('written, read back, and not written again', async t => {
  const image = await newImage(t)
  const card = `${image}.card`
  const phases: Progress[] = []
  t.equal((await write(image, card, { onProgress: progress => phases.push(progress) })).bytes, 40 * MIB)
  t.ok((await readFile(card)).equals(await readFile(image)))
  t.match(phases.at(-1), { phase: 'verify', bytes: 40 * MIB, bytesTotal: 40 * MIB })
  t.equal((await write(image, card)).written, 0)
  const spoilt = await open(card, 'r+')
  await spoilt.write(Buffer.from('spoilt'), 0, 6, 20 * MIB)
  await spoilt.close()
  t.equal((await write(image, card)).written, 4 * MIB, 'only the chunk that differs')
  t.ok((await readFile(card)).equals(await readFile(image)))
})

t.test('a run that is cut off', async t => {
  const image = await newImage(t)
  const card = `${image}.card`
  const cut = new AbortController()
  await t.rejects(write(image, card, { signal: cut.signal, onProgress: () => cut.abort() }), {
    name: 'AbortError',
  })
  await write(image, card)
  t.ok((await readFile(card)).equals(await readFile(image)))
})

t.test('which disks', async t => {
  const disk = (more: object) =>
    JSON.stringify({ blockdevices: [{ size: 100, type: 'disk', model: ' Ultra ', ...more }] })
  t.same(diskIn(disk({}), '/dev/sdb', 100), { kind: 'disk', bytes: 100, model: 'Ultra' })
  t.throws(() => diskIn(disk({}), '/dev/sdb', 101), { code: 'flash/too-small' })
  t.throws(() => diskIn(disk({ type: 'part' }), '/dev/sdb1', 1), { code: 'flash/not-a-disk' })
  const mounted = { size: 10, type: 'part', mountpoints: ['/'] }
  t.throws(() => diskIn(disk({ children: [mounted] }), '/dev/sda', 1), { code: 'flash/in-use' })
  const encrypted = { size: 10, type: 'part', mountpoints: [null], children: [{ ...mounted, type: 'crypt' }] }
  t.throws(() => diskIn(disk({ children: [encrypted] }), '/dev/sda', 1), { code: 'flash/in-use' })
  t.throws(() => diskIn(disk({ mountpoints: ['[SWAP]'] }), '/dev/sda', 1), { code: 'flash/in-use' })
  await t.rejects(targetOf('/dev/null', 1), { code: 'flash/not-a-disk' })
  await t.rejects(targetOf(t.testdir(), 1), { code: 'flash/not-a-disk' })
  t.match(await targetOf(join(t.testdirName, 'new'), 1), { kind: 'file', bytes: undefined })
})

t.test(
  'a disk that is being written is nobody else’s',
  { skip: process.getuid?.() !== 0 && 'only root has disks' },
  async t => {
    const disk = execFileSync('losetup', ['--find', '--show', await newImage(t)], { encoding: 'utf8' }).trim()
    t.teardown(() => execFileSync('losetup', ['--detach', disk]))
    const target = { path: disk, kind: 'disk' } as const
    const release = await holdDisk(target)
    await t.rejects(holdDisk(target), { code: 'flash/in-use' }, 'as whoever would mount it finds it')
    const file = await open(disk, 'r+')
    await file.write('written')
    await file.close()
    await release()
    await (await holdDisk(target))()
    await (await holdDisk({ path: disk, kind: 'file' }))()
  },
)

t.test(
  'what the site needs',
  { skip: process.getuid?.() !== 0 && 'only root gives files to others' },
  async t => {
    const image = await newImage(t)
    const root = (await readFile(join(keys, 'root/certificate.pem'))).toString()
    const claim = { url: 'https://claims:8443', token: 'x'.repeat(43), expiresAt: '2027-01-01T00:00:00Z' }
    const site: Site = { kiosk: 'kiosk-0007', root, claim }
    const settings = { kiosk: { site: 'Bandung' } }
    const umask = process.umask(0o077)
    t.teardown(() => process.umask(umask))
    await writeSiteData(image, { settings, site, wifi: 'network={}', epochS: 1_767_225_600 })
    const { startBytes, sizeBytes } = await partitionOf(image, 'data')
    const bytes = (await readFile(image)).subarray(startBytes, startBytes + sizeBytes)
    const data = `${image}.data`
    await writeFile(data, bytes)
    const inside = (path: string) =>
      execFileSync('debugfs', ['-R', `cat ${path}`, data], { stdio: 'pipe' }).toString()
    t.same(JSON.parse(inside('/site/site.json')), site)
    t.same(JSON.parse(inside('/site/settings.json')), settings)
    t.equal(inside('/site/root.pem'), root, 'signers of updates lead to it')
    const about = (path: string) =>
      execFileSync('debugfs', ['-R', `stat ${path}`, data], { stdio: 'pipe' }).toString()
    t.match(about('/tunggal'), /Mode:\s+0700[\s\S]*User:\s+800/, 'the runtime alone may look into its folder')
    for (const path of ['/', '/site']) t.match(about(path), /Mode:\s+0755/, path)
    for (const name of ['settings.json', 'site.json', 'root.pem'])
      t.match(about(`/site/${name}`), /Mode:\s+0644/, `the runtime reads ${name}`)
    t.match(about('/site/wifi.conf'), /Mode:\s+0600[\s\S]*User:\s+0/)
    const mtime = `mtime: 0x${(1_767_225_600).toString(16)}`
    t.ok(
      about('/clock/clock').includes(mtime),
      'without a battery, its clock starts at the time of the flashing',
    )
    await t.rejects(writeSiteData(data, { settings, epochS: 0 }), { code: 'firmware/not-an-image' })
  },
)
