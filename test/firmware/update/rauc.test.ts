/**
 * Goal: what RAUC says is understood, and it takes a bundle from no other signer than the one for updates.
 * Method: the real program (Debian's rauc) makes and reads bundles; the slots' state is as 1.8 prints it.
 */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { expiryText } from '../../../firmware/update/expiry.ts'
import { raucSlots } from '../../../firmware/update/rauc.ts'
import { systemClock as clock } from '../../../src/base/clock.ts'
import { demoKeys } from '../../support/demo-keys.ts'

const { keys, data: programs } = await demoKeys(t, clock)
const bytesOf = async (device: string) => (device === '/dev/disk/by-partlabel/rootB' ? 5000 : 0)

/** A program that is called as rauc is. */
async function program(script: string): Promise<string> {
  const path = join(await mkdtemp(join(programs, 'p')), 'rauc')
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return path
}

t.test('bundles', async t => {
  const folder = t.testdir({ content: {} })
  await writeFile(join(folder, 'content/root.ext4'), randomBytes(20_000))
  const manifest = `[update]\ncompatible=tunggal-virt\nversion=1.2.0\ndescription=${expiryText('2027-01-01T00:00:00.000Z')}\n[bundle]\nformat=verity\n[image.rootfs]\nfilename=root.ext4\n`
  await writeFile(join(folder, 'content/manifest.raucm'), manifest)
  const config = join(folder, 'system.conf')
  const head = '[system]\ncompatible=tunggal-virt\nbootloader=noop\n[keyring]\n'
  await writeFile(config, `${head}path=${join(keys, 'root/certificate.pem')}\ncheck-purpose=codesign\n`)
  const make = (signer: string) => {
    const bundle = join(folder, `${signer}.raucb`)
    const by = [`--cert=${join(keys, signer, 'certificate.pem')}`, `--key=${join(keys, signer, 'key.pem')}`]
    execFileSync('rauc', ['bundle', ...by, join(folder, 'content'), bundle], { stdio: 'ignore' })
    return bundle
  }
  const rauc = await program(`exec rauc --conf=${config} "$@"`)
  const slots = raucSlots({ program: rauc, bytesOf })
  const bundle = make('updates')
  t.same(await slots.info(bundle), {
    version: '1.2.0',
    compatible: 'tunggal-virt',
    description: expiryText('2027-01-01T00:00:00.000Z'),
    imageBytes: 20_000,
  })
  await t.rejects(slots.info(make('ops')), { code: 'update/untrusted' }, 'operations sign no images')
  await t.rejects(slots.info(make('kiosk')), { code: 'update/untrusted' })
  const bytes = await readFile(bundle)
  await writeFile(bundle, bytes.subarray(0, bytes.length - 100))
  await t.rejects(slots.info(bundle), { code: 'update/unreadable' }, 'cut short')
  const changed = Buffer.from(bytes)
  changed[bytes.length - 400] ^= 1
  await writeFile(bundle, changed)
  await t.rejects(slots.info(bundle), { code: /^update\/un/ }, 'changed in its signature')
})

t.test('a version that cannot be compared is none', async t => {
  const info = { compatible: 'tunggal-virt', description: '', images: [{ rootfs: { size: 1 } }] }
  for (const version of ['1.x.0', '', '1.2.0-rc1', '2']) {
    const rauc = await program(`echo '${JSON.stringify({ ...info, version })}'`)
    await t.rejects(raucSlots({ program: rauc, bytesOf }).info('/b'), { code: 'update/unreadable' }, version)
  }
})

t.test('slots', async t => {
  const status = {
    compatible: 'tunggal-virt',
    variant: '',
    booted: 'A',
    boot_primary: 'rootfs.0',
    slots: [
      {
        'rootfs.1': {
          class: 'rootfs',
          device: '/dev/disk/by-partlabel/rootB',
          bootname: 'B',
          state: 'inactive',
        },
      },
      {
        'rootfs.0': {
          class: 'rootfs',
          device: '/dev/disk/by-partlabel/rootA',
          bootname: 'A',
          state: 'booted',
        },
      },
    ],
  }
  const slots = raucSlots({ program: await program(`echo '${JSON.stringify(status)}'`), bytesOf })
  t.same(await slots.status(), { compatible: 'tunggal-virt', booted: 'A', otherBytes: 5000 })
  for (const output of ['', '{}', '{"compatible":1}', '[]', 'x'.repeat(2_000_000)]) {
    const odd = raucSlots({ program: await program(`printf %s '${output.slice(0, 100_000)}'`), bytesOf })
    await t.rejects(odd.status(), { code: 'update/no-slots' })
  }
})

t.test('an installation that fails says why', async t => {
  const never = new AbortController().signal
  const script = `echo 'installing'; echo 'LastError: Installation error: no space'; echo 'more' >&2; exit 1`
  const slots = raucSlots({ program: await program(script), bytesOf })
  await t.rejects(slots.install('/b', never), {
    code: 'update/not-installed',
    details: { reason: 'Installation error: no space' },
  })
  const long = raucSlots({ program: await program('exec sleep 600'), bytesOf })
  await t.rejects(
    long.install('/b', AbortSignal.timeout(100)),
    { code: 'update/not-installed' },
    'nobody waits',
  )
  await t.rejects(raucSlots({ program: '/none', bytesOf }).markGood(), { code: 'update/no-slots' })
})
