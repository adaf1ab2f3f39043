/**
 * Goal: a bundle says of itself what its image is, and one that is encrypted is read by the kiosks it is for, and by no
 * other.
 * Method: a small disk image; the real program (Debian's rauc) makes the bundle, and reads it with each kiosk's key.
 */
import { execFileSync } from 'node:child_process'
import { randomBytes, X509Certificate } from 'node:crypto'
import { chmod, mkdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { raucConfig } from '../../../firmware/image/rauc-config.ts'
import { makeBundle } from '../../../firmware/update/make-bundle.ts'
import { raucSlots } from '../../../firmware/update/rauc.ts'
import { systemClock as clock } from '../../../src/base/clock.ts'
import { issueKiosk } from '../../../src/keys/make-keys.ts'
import { demoKeys } from '../../support/demo-keys.ts'

const MIB = 1 << 20
const LATER = '2099-01-01T00:00:00.000Z'
const KIOSKS = ['kiosk-0001', 'kiosk-0002', 'kiosk-0003']
const { keys, data } = await demoKeys(t, clock)
for (const name of KIOSKS) await issueKiosk(join(keys, 'kiosk-ca'), { name, out: join(keys, name), clock })
const image = await newImage()

/** A disk with one slot. */
async function newImage(): Promise<string> {
  const tree = join(data, 'tree')
  for (const folder of ['tunggal', 'rauc']) await mkdir(join(tree, 'etc', folder), { recursive: true })
  await writeFile(join(tree, 'etc/tunggal/version'), '1.4.0\n')
  await writeFile(join(tree, 'etc/rauc/system.conf'), raucConfig('virt'))
  await writeFile(join(tree, 'random'), randomBytes(100_000))
  const root = join(data, 'root.ext4')
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', tree, root, '8M'])
  const disk = join(data, 'disk.img')
  await writeFile(disk, '')
  await truncate(disk, 12 * MIB)
  execFileSync('sfdisk', ['--quiet', disk], { input: 'label: gpt\nstart=1MiB, size=8MiB, name=rootA\n' })
  execFileSync('dd', [`if=${root}`, `of=${disk}`, 'bs=1M', 'seek=1', 'conv=notrunc', 'status=none'])
  return disk
}

/** RAUC as it is on that kiosk. */
async function rauc(kiosk: string) {
  const config = join(data, `${kiosk}.conf`)
  const text = raucConfig('virt')
    .replace('/data/site/root.pem', join(keys, 'root/certificate.pem'))
    .replace('/data/tunggal/keys/kiosk/key.pem', join(keys, kiosk, 'key.pem'))
    .replace('bootloader=uboot', 'bootloader=noop')
  await writeFile(config, text)
  const program = join(data, `${kiosk}.sh`)
  await writeFile(program, `#!/bin/sh\nexec rauc --conf=${config} "$@"\n`)
  await chmod(program, 0o755)
  return raucSlots({ program, bytesOf: async () => 0 })
}

const bundleFor = (name: string, recipients?: string) =>
  makeBundle({
    image,
    output: join(data, `${name}.raucb`),
    signer: join(keys, 'updates'),
    expiresAt: LATER,
    effort: 1,
    recipients,
    say: () => {},
  })

t.test('for everybody', async t => {
  const { bundle, version, compatible } = await bundleFor('open')
  t.match({ version, compatible }, { version: '1.4.0', compatible: 'tunggal-virt' })
  for (const kiosk of KIOSKS) t.match(await (await rauc(kiosk)).info(bundle), { version, compatible })
})

t.test('for two kiosks', async t => {
  const chains = await Promise.all(
    KIOSKS.slice(0, 2).map(kiosk => readFile(join(keys, kiosk, 'certificate.pem'), 'utf8')),
  )
  const { bundle, version, compatible } = await bundleFor('sealed', chains.join(''))
  const info = { version, compatible, imageBytes: 8 * MIB }
  for (const kiosk of KIOSKS.slice(0, 2)) t.match(await (await rauc(kiosk)).info(bundle), info)
  await t.rejects((await rauc(KIOSKS[2])).info(bundle), { code: 'update/other-recipient' })
  await t.rejects((await rauc('kiosk-ca')).info(bundle), { code: 'update/other-recipient' }, 'nor their CA')
  const bytes = await readFile(bundle)
  t.notOk(bytes.includes('compatible='), 'nothing of it is to be read')
  t.ok((await readFile(join(data, 'open.raucb'))).includes('compatible='), 'as of one that is not encrypted')
})

t.test('for nobody, or for too many', async t => {
  const ca = await readFile(join(keys, 'kiosk-ca/certificate.pem'), 'utf8')
  const one = new X509Certificate(await readFile(join(keys, KIOSKS[0], 'certificate.pem'))).toString()
  for (const recipients of ['', ca, 'a word', one.repeat(301)])
    await t.rejects(bundleFor('none', recipients), { code: 'update/no-recipients' })
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  await t.rejects(bundleFor('none', broken), { code: 'update/no-recipients' })
})
