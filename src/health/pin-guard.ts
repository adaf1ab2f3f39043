import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'

const SALT_BYTES = 16
const HASH_BYTES = 32
/** A twentieth of a second and 16 MiB a try; six digits would fall in a day even so, hence the lock-out. */
const COST = { N: 2 ** 14, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }
const stretch = promisify<string, Buffer, number, object, Buffer>(scrypt)

export type StaffRole = 'officer' | 'technician'

export type PinAnswer =
  | { readonly kind: 'right'; readonly role: StaffRole }
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  | { readonly kind: 'locked'; readonly forMs: number }

export interface PinGuardParts {
  /** As `hashPin` made them; a role without one has no way in. */
  readonly hashes: Readonly<Partial<Record<StaffRole, string>>>
  /** Where wrong tries are counted. */
  readonly file: string
  readonly clock: Clock
  readonly triesMax: number
  readonly lockMs: number
}

const triesSchema = z.strictObject({ wrong: z.int().min(0).max(1000), lockedUntilMs: z.number().min(0) })
type Tries = z.infer<typeof triesSchema>

/** `scrypt:<salt>:<hash>`, base64url: what stands in the settings in place of a PIN. */
export async function hashPin(pin: string, salt: Buffer = randomBytes(SALT_BYTES)): Promise<string> {
  const hash = await stretch(pin, salt, HASH_BYTES, COST)
  return `scrypt:${salt.toString('base64url')}:${hash.toString('base64url')}`
}

async function isPin(pin: string, hash: string): Promise<boolean> {
  const salt = Buffer.from(hash.split(':')[1], 'base64url')
  return timingSafeEqual(Buffer.from(await hashPin(pin, salt)), Buffer.from(hash))
}

/**
 * The PINs of staff. A try is counted, durably, before it is looked at: whoever pulls the plug has used it up. After
 * `triesMax` wrong ones nobody gets in for `lockMs`, through every restart.
 */
export class PinGuard {
  private queue: Promise<unknown> = Promise.resolve()

  constructor(private readonly parts: PinGuardParts) {}

  /** One try after the other. Rejects with `io/unwritable` where it cannot be counted: then it does not count as right. */
  enter(pin: string): Promise<PinAnswer> {
    const answer = this.queue.then(() => this.try(pin))
    this.queue = answer.catch(() => {})
    return answer
  }

  private async try(pin: string): Promise<PinAnswer> {
    const { hashes, clock, triesMax, lockMs } = this.parts
    const { wrong, lockedUntilMs } = await this.read()
    // A clock that was set back does not lengthen the wait.
    const forMs = Math.min(lockedUntilMs - clock.nowMs(), lockMs)
    if (forMs > 0) return { kind: 'locked', forMs }
    const isLast = wrong + 1 >= triesMax
    await this.write(
      isLast ? { wrong: 0, lockedUntilMs: clock.nowMs() + lockMs } : { wrong: wrong + 1, lockedUntilMs: 0 },
    )
    for (const role of ['officer', 'technician'] as const) {
      const hash = hashes[role]
      if (hash === undefined || !(await isPin(pin, hash))) continue
      await this.write({ wrong: 0, lockedUntilMs: 0 })
      return { kind: 'right', role }
    }
    return isLast ? { kind: 'locked', forMs: lockMs } : { kind: 'wrong', triesLeft: triesMax - wrong - 1 }
  }

  /** A file that is damaged counts as one wrong try, not as none and not as all. */
  private async read(): Promise<Tries> {
    try {
      return triesSchema.parse(JSON.parse(await readFile(this.parts.file, 'utf8')))
    } catch (error) {
      const isNew = (error as NodeJS.ErrnoException).code === 'ENOENT'
      return { wrong: isNew ? 0 : 1, lockedUntilMs: 0 }
    }
  }

  private async write(tries: Tries): Promise<void> {
    const { file } = this.parts
    try {
      const aside = await open(`${file}.new`, 'w', 0o600)
      try {
        await aside.writeFile(JSON.stringify(tries))
        await aside.sync()
      } finally {
        await aside.close()
      }
      await rename(`${file}.new`, file)
      const folder = await open(dirname(file))
      await folder.sync().finally(() => folder.close())
    } catch (cause) {
      throw new KioskError('io/unwritable', { what: 'PIN tries' }, { cause })
    }
  }
}
