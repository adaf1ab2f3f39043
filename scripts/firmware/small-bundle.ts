import { randomBytes } from 'node:crypto'
import { mkdir, open, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../firmware/image/run.ts'
import { sha256OfFile } from '../../firmware/image/sha256.ts'
import { expiryText } from '../../firmware/update/expiry.ts'
import type { BundleReport } from '../../firmware/update/make-bundle.ts'

export interface SmallBundle {
  readonly name: string
  /** Key folder of whoever signs. */
  readonly signer: string
  readonly version?: string
  readonly compatible?: string
  readonly expiresAt?: string
  readonly imageBytes?: number
  /** Certificate of the only kiosk that can read it. */
  readonly recipient?: string
  /** Does something to the bytes of the finished bundle. */
  readonly spoil?: (file: string, bytes: number) => Promise<void>
}

const LATER = '2099-01-01T00:00:00.000Z'

/** A bundle that no kiosk may install, for one reason or another; what operations would say of it is true. */
export async function smallBundle(work: string, bundle: SmallBundle): Promise<BundleReport> {
  const { name, signer, version = '9.0.0', compatible = 'tunggal-virt', expiresAt = LATER } = bundle
  const { imageBytes = 1 << 20, recipient, spoil } = bundle
  const content = join(work, `${name}.content`)
  const file = join(work, `${name}.raucb`)
  await mkdir(content)
  const root = await open(join(content, 'root.ext4'), 'w')
  await root.write(randomBytes(1 << 20), 0, 1 << 20, 0)
  await root.truncate(imageBytes)
  await root.close()
  const head = `[update]\ncompatible=${compatible}\nversion=${version}\ndescription=${expiryText(expiresAt)}\n`
  await writeFile(
    join(content, 'manifest.raucm'),
    `${head}[bundle]\nformat=${recipient === undefined ? 'verity' : 'crypt'}\n[image.rootfs]\nfilename=root.ext4\n`,
  )
  const by = [`--cert=${join(signer, 'certificate.pem')}`, `--key=${join(signer, 'key.pem')}`]
  const signed = recipient === undefined ? file : join(work, `${name}.signed`)
  await run('rauc', ['bundle', ...by, content, signed])
  if (recipient !== undefined) {
    const config = join(work, `${name}.conf`)
    await writeFile(
      config,
      `[system]\ncompatible=${compatible}\nbootloader=noop\n[keyring]\npath=${join(signer, 'root.pem')}\ncheck-purpose=codesign\n`,
    )
    await run('rauc', [`--conf=${config}`, 'encrypt', `--to=${recipient}`, signed, file])
    await rm(signed)
  }
  await rm(content, { recursive: true })
  await spoil?.(file, (await stat(file)).size)
  const { size } = await stat(file)
  return {
    bundle: file,
    version,
    compatible,
    bytes: size,
    sha256: await sha256OfFile(file),
    // What operations say of it is not what it says of itself.
    expiresAt: LATER,
  }
}
