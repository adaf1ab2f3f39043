import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { DEBIAN_PACKAGES } from './packages.ts'
import { run } from './run.ts'

const SUITE = 'bookworm'
const suites = {
  bookworm: 'http://deb.debian.org/debian',
  'bookworm-security': 'http://deb.debian.org/debian-security',
} as const
/** What no kiosk reads; copyright files stay. */
const EXCLUDED = ['/usr/share/man/*', '/usr/share/info/*', '/usr/share/locale/*', '/usr/share/doc/*']
const INCLUDED = ['/usr/share/doc/*/copyright']

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

/** Debian 12 for arm64 with the packages of a kiosk, configured; made once for a list of packages. Needs root. */
export async function debianRoot(): Promise<DebianRoot> {
  const sources = await sourceLines()
  const folder = await cached('debian-root', [sources.join('\n'), DEBIAN_PACKAGES.join()], async folder => {
    const control = join(folder, 'control')
    const show = `APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-cache show $(chroot "$1" dpkg-query -W -f='\${Package}:\${Architecture}=\${Version}\\n' | sed 's/:all=/=/') > ${control}`
    await run('mmdebstrap', [
      '--mode=root',
      '--architectures=arm64',
      '--variant=minbase',
      `--include=${DEBIAN_PACKAGES.join()}`,
      ...EXCLUDED.map(path => `--dpkgopt=path-exclude=${path}`),
      ...INCLUDED.map(path => `--dpkgopt=path-include=${path}`),
      `--customize-hook=${show}`,
      SUITE,
      join(folder, 'root.tar'),
      ...sources,
    ])
  })
  return {
    archive: join(folder, 'root.tar'),
    packages: packagesIn(await readFile(join(folder, 'control'), 'utf8')),
  }
}

/** This machine's own mirrors, where it is a Debian 12. */
async function sourceLines(): Promise<readonly string[]> {
  const format = '$(RELEASE) $(REPO_URI)'
  const targets = await run('apt-get', ['indextargets', '--format', format, 'Origin: Debian']).catch(() => '')
  const mirrors = new Map(targets.split('\n').map(line => line.split(' ') as [string, string]))
  return Object.entries(suites).map(([suite, uri]) => `deb ${mirrors.get(suite) ?? uri} ${suite} main`)
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
