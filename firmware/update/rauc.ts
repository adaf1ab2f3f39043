/**
 * RAUC 1.8 by its own program (`rauc(1)`), which asks the service that runs as root: see the D-Bus policy among the
 * image's files. What it prints is parsed with limits, though it is ours.
 */
import { execFile } from 'node:child_process'
import { z } from 'zod'
import { type ErrorCode, KioskError } from '../../src/base/errors.ts'
import { IMAGE_VERSION } from '../../src/settings/update-desired.ts'
import type { BundleInfo, SlotStatus, Slots } from './slots.ts'

const ASK_MS_MAX = 60_000
/** A slot on a slow card. */
const INSTALL_MS_MAX = 3_600_000
const OUTPUT_BYTES_MAX = 1 << 20
const REASON_CHARS_MAX = 300

const text = z.string().max(200)
const infoSchema = z.object({
  compatible: text,
  // Of another form, it could not be compared with what was good here.
  version: z.string().regex(IMAGE_VERSION),
  description: text.nullable(),
  images: z
    .array(z.record(z.string(), z.object({ size: z.int().min(1) })))
    .min(1)
    .max(4),
})
const slotSchema = z.object({
  state: z.enum(['booted', 'active', 'inactive']),
  device: text,
  bootname: text.nullable(),
})
const statusSchema = z.object({
  compatible: text,
  booted: text,
  slots: z.array(z.record(z.string(), slotSchema)).max(16),
})

export interface RaucOptions {
  readonly program?: string
  /** Bytes of a block device. */
  readonly bytesOf: (device: string) => Promise<number>
}

export function raucSlots({ program = 'rauc', bytesOf }: RaucOptions): Slots {
  const ask = (words: readonly string[], timeoutMs = ASK_MS_MAX, signal?: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      const options = { timeout: timeoutMs, maxBuffer: OUTPUT_BYTES_MAX, signal }
      execFile(program, [...words], options, (error, output, complaints) => {
        if (error === null) resolve(output)
        else reject(new Error(reasonIn(`${output}\n${complaints}`) || error.message))
      })
    })
  const askSlots = (words: readonly string[]) =>
    ask(words).catch(cause => {
      throw new KioskError('update/no-slots', { reason: (cause as Error).message }, { cause })
    })
  return {
    async info(bundle) {
      const output = await ask(['info', '--output-format=json', bundle]).catch(cause => {
        const { message } = cause as Error
        throw new KioskError(whyNotTaken(message), { reason: message }, { cause })
      })
      return infoIn(output)
    },
    async install(bundle, signal) {
      await ask(['install', bundle], INSTALL_MS_MAX, signal).catch(cause => {
        throw new KioskError('update/not-installed', { reason: (cause as Error).message }, { cause })
      })
    },
    async markGood() {
      await askSlots(['status', 'mark-good'])
    },
    async markBad() {
      await askSlots(['status', 'mark-bad'])
    },
    async status(): Promise<SlotStatus> {
      const { compatible, slots } = statusIn(await askSlots(['status', '--output-format=json']))
      const all = slots.flatMap(slot => Object.values(slot))
      const booted = all.find(({ state }) => state === 'booted')?.bootname
      const other = all.find(({ state, bootname }) => state !== 'booted' && bootname !== null)
      if (!booted || other === undefined) throw new KioskError('update/no-slots', { reason: 'not on a slot' })
      return { compatible, booted, otherBytes: await bytesOf(other.device) }
    },
  }
}

function whyNotTaken(message: string): ErrorCode {
  if (/decrypt/i.test(message)) return 'update/other-recipient'
  return /verif|certificate/i.test(message) ? 'update/untrusted' : 'update/unreadable'
}

function infoIn(output: string): BundleInfo {
  const { version, compatible, description, images } = parsed(infoSchema, output, 'update/unreadable')
  const imageBytes = Math.max(...images.flatMap(image => Object.values(image).map(({ size }) => size)))
  return { version, compatible, description: description ?? '', imageBytes }
}

function statusIn(output: string): z.infer<typeof statusSchema> {
  return parsed(statusSchema, output, 'update/no-slots')
}

/** OpenSSL writes before it which recipients of an encrypted bundle a key was not for. */
function parsed<T>(schema: z.ZodType<T>, output: string, code: 'update/unreadable' | 'update/no-slots'): T {
  try {
    return schema.parse(JSON.parse(/^\{.*$/ms.exec(output)?.[0] ?? ''))
  } catch (cause) {
    throw new KioskError(code, { reason: 'RAUC answers in another form' }, { cause })
  }
}

/** The line that says why; RAUC writes its steps around it. */
function reasonIn(output: string): string {
  const lines = output
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
  const last = lines.find(line => line.startsWith('LastError:')) ?? lines.at(-1) ?? ''
  return last.replace(/^LastError:\s*/, '').slice(0, REASON_CHARS_MAX)
}
