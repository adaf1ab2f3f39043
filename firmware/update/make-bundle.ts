import { X509Certificate } from 'node:crypto'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { KioskError } from '../../src/base/errors.ts'
import { file } from '../../src/keys/layout.ts'
import { partitionOf } from '../image/partition.ts'
import { requireTools } from '../image/require-tools.ts'
import { run } from '../image/run.ts'
import { sha256OfFile } from '../image/sha256.ts'
import { expiryText } from './expiry.ts'

const TOOLS = { rauc: 'rauc', mksquashfs: 'squashfs-tools', sfdisk: 'fdisk', debugfs: 'e2fsprogs' } as const
const SLOT = 'rootA'
const VERSION_FILE = '/etc/tunggal/version'
const EFFORT = 12
const RECIPIENTS_MAX = 300
const RAUC_FILE = '/etc/rauc/system.conf'

export interface BundleOptions {
  /** A disk image that `tunggal image build` made. */
  readonly image: string
  /** Where the bundle goes; must not be there yet. */
  readonly output: string
  /** Folder of the signer: `keys/updates`. */
  readonly signer: string
  /** ISO 8601; no kiosk installs it later. */
  readonly expiresAt: string
  /** PEM: certificates of the kiosks that can read it. Left out: everybody can. */
  readonly recipients?: string
  /** Of the compression, 1 to 22. */
  readonly effort?: number
  readonly say: (text: string) => void
}

export interface BundleReport {
  readonly bundle: string
  readonly version: string
  readonly compatible: string
  readonly bytes: number
  readonly sha256: string
  readonly expiresAt: string
}

/**
 * A signed bundle (RAUC, format verity, or crypt where there are recipients) with the slot of an image, and beside it, as
 * `….json`, what is said of it. Version and machine are the image's own. Throws `firmware/no-tool`,
 * `firmware/not-an-image`, `firmware/exists`, `keys/missing`, `update/no-recipients`.
 */
export async function makeBundle(options: BundleOptions): Promise<BundleReport> {
  const { image, output, signer, expiresAt, recipients, effort = EFFORT, say } = options
  const kiosks = recipients === undefined ? undefined : kiosksIn(recipients)
  await requireTools(TOOLS)
  if ((await stat(output).catch(() => undefined)) !== undefined)
    throw new KioskError('firmware/exists', { file: output })
  const work = await mkdtemp(join(tmpdir(), 'tunggal-bundle-'))
  try {
    const content = join(work, 'content')
    await mkdir(content)
    say('slot of the image')
    const { startBytes, sizeBytes } = await partitionOf(image, SLOT)
    const root = join(content, 'root.ext4')
    const range = ['bs=4M', `skip=${startBytes}`, `count=${sizeBytes}`, 'iflag=skip_bytes,count_bytes']
    await run('dd', [`if=${image}`, `of=${root}`, 'conv=sparse', 'status=none', ...range])
    const version = (await readFrom(root, VERSION_FILE)).trim()
    const compatible = /^compatible=(\S+)$/m.exec(await readFrom(root, RAUC_FILE))?.[1]
    if (version === '' || compatible === undefined)
      throw new KioskError('firmware/not-an-image', { file: image, lacks: VERSION_FILE })
    await writeFile(
      join(content, 'manifest.raucm'),
      manifest({ version, compatible, expiresAt, format: kiosks === undefined ? 'verity' : 'crypt' }),
    )
    say('bundle')
    await mkdir(dirname(output), { recursive: true })
    const signed = kiosks === undefined ? output : join(work, 'signed.raucb')
    const config = await sign(work, { content, signer, output: signed, compatible, effort })
    if (kiosks !== undefined) {
      const to = join(work, 'recipients.pem')
      await writeFile(to, `${kiosks.join('\n')}\n`)
      await run('rauc', [`--conf=${config}`, 'encrypt', `--to=${to}`, signed, output])
    }
    const report = {
      bundle: output,
      version,
      compatible,
      bytes: (await stat(output)).size,
      sha256: await sha256OfFile(output),
      expiresAt,
    }
    await writeFile(`${output}.json`, `${JSON.stringify({ ...report, bundle: basename(output) })}\n`)
    return report
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Of a file of chains, the kiosks' own. RAUC 1.8 reads no bundle whose recipients, 203 bytes each, are above 64 KiB. */
function kiosksIn(pem: string): readonly string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  const kiosks = blocks.filter(block => !isAuthority(block))
  if (kiosks.length < 1 || kiosks.length > RECIPIENTS_MAX)
    throw new KioskError('update/no-recipients', { count: kiosks.length })
  return kiosks
}

function isAuthority(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca
  } catch (cause) {
    throw new KioskError('update/no-recipients', { reason: 'not a certificate' }, { cause })
  }
}

function manifest(bundle: {
  version: string
  compatible: string
  expiresAt: string
  format: 'verity' | 'crypt'
}): string {
  return `[update]
compatible=${bundle.compatible}
version=${bundle.version}
description=${expiryText(bundle.expiresAt)}

[bundle]
format=${bundle.format}

[image.rootfs]
filename=root.ext4
`
}

/** RAUC checks what it has signed, as a kiosk will: a key of another role makes no bundle. Returns RAUC's configuration. */
async function sign(
  work: string,
  {
    content,
    signer,
    output,
    compatible,
    effort,
  }: Record<'content' | 'signer' | 'output' | 'compatible', string> & { readonly effort: number },
): Promise<string> {
  const root = join(signer, file.root)
  const config = join(work, 'system.conf')
  await writeFile(
    config,
    `[system]\ncompatible=${compatible}\nbootloader=noop\n[keyring]\npath=${root}\ncheck-purpose=codesign\n`,
  )
  await run('rauc', [
    ...[`--conf=${config}`, 'bundle', `--cert=${join(signer, file.certificate)}`, `--keyring=${root}`],
    ...[`--key=${join(signer, file.key)}`, `--mksquashfs-args=-comp zstd -Xcompression-level ${effort}`],
    ...[content, output],
  ])
  return config
}

async function readFrom(ext4: string, path: string): Promise<string> {
  return run('debugfs', ['-R', `cat ${path}`, ext4])
}
