import { run } from './run.ts'

const suites = {
  bookworm: 'http://deb.debian.org/debian',
  'bookworm-security': 'http://deb.debian.org/debian-security',
} as const

export interface DebianMirror {
  readonly suite: string
  readonly uri: string
}

/** Where Debian 12 and its security updates are fetched: this machine's own mirrors, where it is a Debian 12. */
export async function debianMirrors(): Promise<readonly DebianMirror[]> {
  const format = '$(RELEASE) $(REPO_URI)'
  const targets = await run('apt-get', ['indextargets', '--format', format, 'Origin: Debian']).catch(() => '')
  const mirrors = new Map(targets.split('\n').map(line => line.split(' ') as [string, string]))
  return Object.entries(suites).map(([suite, uri]) => ({ suite, uri: mirrors.get(suite) ?? uri }))
}
