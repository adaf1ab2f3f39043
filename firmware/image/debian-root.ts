import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { debianMirrors } from './debian-mirrors.ts'
import {
  DEBIAN_PACKAGES,
  EXCLUDED_BESIDE_SCREEN,
  EXCLUDED_PATHS,
  INCLUDED_BESIDE_SCREEN,
  INCLUDED_PATHS,
  SCREEN_PACKAGES,
} from './packages.ts'
import { run } from './run.ts'
import type { Variant } from './variants.ts'

const SUITE = 'bookworm'
/** Everything is configured by arm64 programs in emulation: minutes, on a busy machine many. */
const ROOT_MS_MAX = 3_600_000

/** What the kernel has to load to find its root: on QEMU's disks, on cards, on USB. */
const EARLY_MODULES = [
  'virtio_pci',
  'virtio_blk',
  'ext4',
  'mmc_block',
  'sdhci_iproc',
  'bcm2835',
  'uas',
  'usb_storage',
  'xhci_pci',
]
/** Before the kernel is configured: an initial file system of only these, made in seconds. */
const EARLY_HOOK = [
  'folder="$1/etc/initramfs-tools"',
  'mkdir -p "$folder/conf.d"',
  `printf '%s\\n' ${EARLY_MODULES.join(' ')} >"$folder/modules"`,
  `printf 'MODULES=list\\nCOMPRESS=zstd\\nRESUME=none\\nFSTYPE=ext4\\n' >"$folder/conf.d/tunggal"`,
].join(' && ')

export interface DebianRoot {
  /** The tree as a tar archive. */
  readonly archive: string
  /** What is in it. */
  readonly packages: readonly DebianPackage[]
}

export interface DebianPackage {
  readonly name: string
  readonly version: string
  readonly sha256: string
  readonly size: number
}

/** What a board needs beside every other, and the parts of Debian's archive that it is in. */
type Needs = Pick<Variant, 'packages' | 'components' | 'screen'>

/** Debian 12 for arm64 with the packages of a kiosk, configured; made once for a list of packages. Needs root. */
export async function debianRoot({ packages = [], components = [], screen }: Needs): Promise<DebianRoot> {
  const from = ['main', ...components].join(' ')
  const sources = (await debianMirrors()).map(({ suite, uri }) => `deb ${uri} ${suite} ${from}`)
  const included = [...DEBIAN_PACKAGES, ...(screen ? SCREEN_PACKAGES : []), ...packages].join()
  const options = [
    ...[...EXCLUDED_PATHS, ...(screen ? EXCLUDED_BESIDE_SCREEN : [])].map(
      path => `--dpkgopt=path-exclude=${path}`,
    ),
    ...[...INCLUDED_PATHS, ...(screen ? INCLUDED_BESIDE_SCREEN : [])].map(
      path => `--dpkgopt=path-include=${path}`,
    ),
  ]
  const key = [sources.join('\n'), included, EARLY_HOOK, options.join('\n')]
  const folder = await cached('debian-root', key, async folder => {
    const control = join(folder, 'control')
    const show = `APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-cache show $(chroot "$1" dpkg-query -W -f='\${Package}:\${Architecture}=\${Version}\\n' | sed 's/:all=/=/') > ${control}`
    const words = [
      '--mode=root',
      '--architectures=arm64',
      '--variant=minbase',
      // Or usrmerge would move every file again, slowly, as arm64 code.
      '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
      `--include=${included}`,
      ...options,
      `--essential-hook=${EARLY_HOOK}`,
      `--customize-hook=${show}`,
      SUITE,
      join(folder, 'root.tar'),
      ...sources,
    ]
    await run('mmdebstrap', words, { timeoutMs: ROOT_MS_MAX })
  })
  return {
    archive: join(folder, 'root.tar'),
    packages: packagesIn(await readFile(join(folder, 'control'), 'utf8')),
  }
}

/** Paragraphs of `apt-cache show`. */
function packagesIn(control: string): DebianPackage[] {
  const field = (paragraph: string, name: string) =>
    new RegExp(`^${name}: (.+)$`, 'm').exec(paragraph)?.[1] ?? ''
  return control
    .split('\n\n')
    .map(paragraph => ({
      name: field(paragraph, 'Package'),
      version: field(paragraph, 'Version'),
      sha256: field(paragraph, 'SHA256'),
      size: Number(field(paragraph, 'Size')),
    }))
    .filter(({ name }) => name !== '')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
