import { chmod, copyFile, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectFolder } from '../project.ts'
import { type DebianPackage, debianRoot } from './debian-root.ts'
import { requireModules } from './kernel-modules.ts'
import { nativeAddons } from './native-addons.ts'
import { nodeArm64 } from './node-arm64.ts'
import { KERNEL_MODULES } from './packages.ts'
import { raucConfig } from './rauc-config.ts'
import { run } from './run.ts'
import { copyRuntimePackages } from './runtime-packages.ts'
import { variablesConfig } from './u-boot.ts'
import { type Variant, type VariantName, variants } from './variants.ts'

/** Every unit of ours, and what starts it; without that, another unit or udev does. */
const UNITS: Readonly<Record<string, string | undefined>> = {
  'tunggal.service': 'multi-user.target',
  'tunggal-reboot.path': 'multi-user.target',
  'tunggal-reboot.service': undefined,
  'tunggal-machine-id.service': 'multi-user.target',
  'tunggal-trial.timer': 'timers.target',
  'tunggal-trial.service': undefined,
}
const SCREEN_UNITS: typeof UNITS = {
  'tunggal-seat.service': undefined,
  'tunggal-screen.service': undefined,
  'tunggal-screen-again.path': 'multi-user.target',
  'tunggal-screen-again.service': undefined,
}
const SYSTEM_UNITS = ['systemd-networkd.service', 'systemd-resolved.service', 'nftables.service']
/** Nobody logs in at a kiosk, and nothing waits for a network that may be gone for weeks. */
const MASKED = [
  'getty@.service',
  'serial-getty@.service',
  'console-getty.service',
  'systemd-networkd-wait-online.service',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  // A radio's is `tunggal-wifi.service`.
  'wpa_supplicant.service',
]
/** Nor does anybody restart it from the keyboard of its screen; the seat is one of our units. */
const MASKED_BESIDE_SCREEN = ['ctrl-alt-del.target', 'seatd.service']
/** What a running kiosk never reads; the boot partition is mounted over what Debian lays down for one. */
const REMOVED = [
  'boot/firmware',
  'var/cache/apt',
  'var/lib/apt/lists',
  'var/log',
  'usr/share/bash-completion',
  'usr/share/zsh',
  // Its compiled form is beside it.
  'usr/lib/udev/hwdb.d',
]
/** Of what the browser brings. */
const REMOVED_BESIDE_SCREEN = ['usr/share/icons', 'usr/share/mime']

/** Fills `root` with everything that is on a slot: Debian, Node, the runtime, units. Returns Debian's packages. */
export async function makeRootTree(
  root: string,
  variantName: VariantName,
  version: string,
): Promise<readonly DebianPackage[]> {
  const variant: Variant = variants[variantName]
  const project = projectFolder()
  const debian = await debianRoot(variant)
  await mkdir(root, { recursive: true })
  await run('tar', ['-x', '--numeric-owner', '-f', debian.archive, '-C', root])
  await cp(join(project, 'firmware/image/files'), root, { recursive: true, force: true })
  for (const folder of variant.files ?? [])
    await cp(join(project, 'firmware/image', folder), root, { recursive: true, force: true })
  await requireModules(root, [...KERNEL_MODULES, ...(variant.kernelModules ?? [])])
  const removed = [...REMOVED, ...(variant.screen ? REMOVED_BESIDE_SCREEN : [])]
  for (const path of removed) await rm(join(root, path), { recursive: true, force: true })
  await mkdir(join(root, 'var/log'))
  for (const path of ['data', 'boot/firmware', 'etc/nftables.d', 'etc/tunggal', 'etc/rauc', 'media/stick'])
    await mkdir(join(root, path), { recursive: true })
  const node = await nodeArm64()
  await copyFile(node.binary, join(root, 'usr/bin/node'))
  await chmod(join(root, 'usr/bin/node'), 0o755)
  await runtime(project, root, await nativeAddons(node))
  await units(project, root, variant)
  await writeFile(join(root, 'etc/tunggal/kiosk.env'), `TUNGGAL_BOARD=${variant.board}\n`)
  if (variant.screen)
    await writeFile(join(root, 'etc/tunggal/screen.env'), variant.screen.map(line => `${line}\n`).join(''))
  await writeFile(join(root, 'etc/tunggal/version'), `${version}\n`)
  await writeFile(join(root, 'etc/fw_env.config'), variablesConfig(variant))
  await writeFile(join(root, 'etc/rauc/system.conf'), raucConfig(variantName))
  await copyFile(
    join(project, 'firmware/udev/60-tunggal.rules'),
    join(root, 'usr/lib/udev/rules.d/60-tunggal.rules'),
  )
  await run('systemd-sysusers', [`--root=${root}`])
  // A kiosk's own is made when it starts.
  await writeFile(join(root, 'etc/machine-id'), '')
  await rm(join(root, 'var/lib/dbus/machine-id'), { force: true })
  return debian.packages
}

async function runtime(project: string, root: string, addons: string): Promise<void> {
  const into = join(root, 'opt/tunggal')
  await mkdir(into, { recursive: true })
  await cp(join(project, 'dist'), join(into, 'dist'), { recursive: true })
  await copyRuntimePackages(into, addons)
}

async function units(project: string, root: string, variant: Variant): Promise<void> {
  const into = join(root, 'etc/systemd/system')
  const wants = join(into, 'multi-user.target.wants')
  await mkdir(wants, { recursive: true })
  for (const unit of SYSTEM_UNITS) await link(`/lib/systemd/system/${unit}`, join(wants, unit))
  const own = { ...UNITS, ...(variant.screen ? SCREEN_UNITS : {}) }
  for (const unit of Object.keys(own)) await copyFile(join(project, 'firmware/units', unit), join(into, unit))
  for (const [unit, by] of Object.entries({ ...own, ...variant.units })) {
    if (by === undefined) continue
    await mkdir(join(into, `${by}.wants`), { recursive: true })
    await link(`/etc/systemd/system/${unit}`, join(into, `${by}.wants`, unit))
  }
  await link('/lib/systemd/system/multi-user.target', join(into, 'default.target'))
  for (const unit of [...MASKED, ...(variant.screen ? MASKED_BESIDE_SCREEN : [])])
    await link('/dev/null', join(into, unit))
  await link('/run/systemd/resolve/stub-resolv.conf', join(root, 'etc/resolv.conf'))
}

async function link(target: string, path: string): Promise<void> {
  await rm(path, { force: true })
  await symlink(target, path)
}
