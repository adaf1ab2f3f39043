/**
 * Print jobs on their way to kiosks, as files beside the ABIS's database, since `tunggal abis print` makes them while
 * the database is in use:
 *
 *     DIR/kiosks/<kiosk>.pem            the certificate with which that kiosk signed last
 *     DIR/out/<kiosk>/<job>.<id>.<kind> a sealed job, until its kiosk has said that it is printed
 *
 * A job is encrypted to its kiosk from the beginning: nobody can read it here, the ABIS neither.
 */
import { X509Certificate } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { KioskError } from '../base/errors.ts'
import { type PrintJob, printKinds } from '../record/print-job.ts'

const JOBS_MAX = 10_000
const KIOSK = '[a-z0-9-]{4,36}'
const NAME = new RegExp(`^([0-9a-f-]{36})\\.([0-9a-f-]{36})\\.(${printKinds.join('|')})$`)

const FILE = new RegExp(`^(kiosks/${KIOSK}\\.pem|out/${KIOSK}/${NAME.source.slice(1, -1)})$`)

export interface SpooledJob extends Pick<PrintJob, 'job' | 'id' | 'kind'> {
  readonly kiosk: string
}

/** Methods reject with `io/unreadable` or `io/unwritable`. */
export class PrintSpool {
  constructor(private readonly folder: string) {}

  async putSigner(kiosk: string, certificate: X509Certificate): Promise<void> {
    await this.write(this.signerFile(kiosk), Buffer.from(certificate.toString()))
  }

  /** Undefined: this ABIS has not heard from that kiosk yet. */
  async signer(kiosk: string): Promise<X509Certificate | undefined> {
    const pem = await readFile(this.signerFile(kiosk)).catch(ifThere)
    return pem && new X509Certificate(pem)
  }

  async put({ kiosk, job, id, kind }: SpooledJob, body: Uint8Array): Promise<void> {
    await this.write(join(this.outFolder(kiosk), `${job}.${id}.${kind}`), body)
  }

  /** Oldest first, a kiosk after the other. */
  async waiting(): Promise<readonly SpooledJob[]> {
    const kiosks = (await readdir(join(this.folder, 'out')).catch(ifThere)) ?? []
    const jobs: SpooledJob[] = []
    for (const kiosk of kiosks.sort())
      for (const name of ((await readdir(this.outFolder(kiosk)).catch(ifThere)) ?? []).sort()) {
        const [, job, id, kind] = NAME.exec(name) ?? []
        if (kind !== undefined && jobs.length < JOBS_MAX)
          jobs.push({ kiosk, job, id, kind: kind as PrintJob['kind'] })
      }
    return jobs
  }

  /** Undefined: it was printed meanwhile. */
  async body({ kiosk, job, id, kind }: SpooledJob): Promise<Uint8Array | undefined> {
    return await readFile(join(this.outFolder(kiosk), `${job}.${id}.${kind}`)).catch(ifThere)
  }

  /** Its kiosk has printed it. */
  async done(kiosk: string, job: string): Promise<void> {
    for (const name of (await readdir(this.outFolder(kiosk)).catch(ifThere)) ?? [])
      if (name.startsWith(`${job}.`)) await rm(join(this.outFolder(kiosk), name), { force: true })
  }

  /** All of it, for a backup. What is printed meanwhile is left out. */
  async *files(): AsyncIterable<{ readonly name: string; readonly bytes: Uint8Array }> {
    const names = (await readdir(this.folder, { recursive: true }).catch(ifThere)) ?? []
    for (const name of names.sort()) {
      const bytes = FILE.test(name) ? await readFile(join(this.folder, name)).catch(ifThere) : undefined
      if (bytes) yield { name, bytes }
    }
  }

  /** One of them, from a backup. */
  async putFile({ name, bytes }: { readonly name: string; readonly bytes: Uint8Array }): Promise<void> {
    if (!FILE.test(name)) throw new KioskError('io/unreadable', { what: 'print spool', name })
    await this.write(join(this.folder, name), bytes)
  }

  private signerFile(kiosk: string): string {
    return join(this.folder, 'kiosks', `${kiosk}.pem`)
  }

  private outFolder(kiosk: string): string {
    return join(this.folder, 'out', kiosk)
  }

  /** Whole or not at all, whenever the power fails. */
  private async write(path: string, bytes: Uint8Array): Promise<void> {
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const file = await open(`${path}.part`, 'w', 0o600)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(`${path}.part`, path)
    } catch (cause) {
      const { code = 'unknown' } = cause as NodeJS.ErrnoException
      throw new KioskError('io/unwritable', { what: 'print spool', code }, { cause })
    }
  }
}

function ifThere(cause: NodeJS.ErrnoException): undefined {
  if (cause.code === 'ENOENT') return undefined
  throw new KioskError('io/unreadable', { what: 'print spool', code: cause.code ?? 'unknown' }, { cause })
}
