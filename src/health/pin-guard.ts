import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import { isSecret } from '../base/secret-hash.ts'

export type StaffRole = 'officer' | 'technician'

export type PinAnswer =
  | { readonly kind: 'right'; readonly role: StaffRole }
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  | { readonly kind: 'locked'; readonly forMs: number }

export interface PinGuardParts {
  /** As `hashSecret` made them (six digits would fall in a day, hence the lock-out); a role without one has no way in. */
  readonly hashes: Readonly<Partial<Record<StaffRole, string>>>
  /** Where wrong tries are counted. */
  readonly file: string
  readonly clock: Clock
  readonly triesMax: number
  readonly lockMs: number
}

const triesSchema = z.strictObject({ wrong: z.int().min(0).max(1000), lockedUntilMs: z.number().min(0) })
type Tries = z.infer<typeof triesSchema>

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
      if (hash === undefined || !(await isSecret(pin, hash))) continue
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
