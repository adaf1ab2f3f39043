/**
 * Goal: no body that was changed on its way is opened, and none crashes the reader.
 * Method: 10,000 random changes to honest bodies, by a seeded generator: bits, digits, lengths, parts
 * exchanged within and between bodies, values inside headers. Every one must end in a `seal/…` code.
 */
import t from 'tap'
import { KioskError } from '../../src/base/errors.ts'
import { demoKeys } from '../support/demo-keys.ts'
import { ascii, clockAt, encode, galleryChange, outcome, query, receipt, recordEvent } from './forge.ts'

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const clock = clockAt('2026-06-01T00:00:00Z')
const { kioskSeal, abisSeal, kioskKeys } = await demoKeys(t, clock)
const kiosk = kioskKeys.name

type Change = (body: string, other: string, below: (limit: number) => number) => string
const changes: Record<string, Change> = {
  bit: (body, _, below) => {
    const bytes = Buffer.from(body, 'latin1')
    bytes[below(bytes.length)] ^= 1 << below(8)
    return bytes.toString('latin1')
  },
  digit: (body, _, below) => {
    const at = below(body.length)
    return body.slice(0, at) + DIGITS[below(64)] + body.slice(at + 1)
  },
  missing: (body, _, below) => {
    const at = below(body.length)
    return body.slice(0, at) + body.slice(at + 1 + below(8))
  },
  more: (body, _, below) => {
    const at = below(body.length)
    return body.slice(0, at) + DIGITS[below(64)].repeat(1 + below(8)) + body.slice(at)
  },
  cut: (body, _, below) => body.slice(0, below(body.length)),
  doubled: (body, _, below) => {
    const at = below(body.length)
    return body.slice(0, at) + body.slice(below(body.length))
  },
  spliced: (body, other, below) => body.slice(0, below(body.length)) + other.slice(below(other.length)),
  partOfOther: (body, other, below) => {
    const parts = body.split('.')
    const others = other.split('.')
    const at = below(parts.length)
    return parts.with(at, others[Math.min(at, others.length - 1)]).join('.')
  },
  exchanged: (body, _, below) => {
    const parts = body.split('.')
    const [one, two] = [below(parts.length), below(parts.length)]
    return parts.with(one, parts[two]).with(two, parts[one]).join('.')
  },
  header: (body, _, below) => {
    const parts = body.split('.')
    const header = JSON.parse(Buffer.from(parts[0], 'base64url').toString())
    const names = Object.keys(header)
    const values = ['', 'none', 'ES256', kiosk, 0, null, [], {}, header[names[below(names.length)]]]
    header[names[below(names.length)]] = values[below(values.length)]
    return parts.with(0, encode(JSON.stringify(header))).join('.')
  },
}

t.test('10,000 changed bodies', async t => {
  const text = ({ body }: { body: Uint8Array }) => Buffer.from(body).toString('latin1')
  const ways = [
    {
      bodies: [text(await kioskSeal.sealQuery(query)), text(await kioskSeal.sealQuery(query))],
      open: (body: Uint8Array) => abisSeal.openQuery(kiosk, body),
    },
    {
      bodies: [text(await kioskSeal.sealRecordEvent(recordEvent)), text(await kioskSeal.sealQuery(query))],
      open: (body: Uint8Array) => abisSeal.openRecordEvent(kiosk, body),
    },
    {
      bodies: [
        text(await abisSeal.sealReceipt(kiosk, receipt)),
        text(await abisSeal.sealReceipt(kiosk, { ...receipt, highestContiguous: 99 })),
      ],
      open: (body: Uint8Array) => kioskSeal.openReceipt(body),
    },
    {
      bodies: [
        text(await abisSeal.sealOutcome(kiosk, outcome)),
        text(await abisSeal.sealReceipt(kiosk, receipt)),
      ],
      open: (body: Uint8Array) => kioskSeal.openOutcome(body),
    },
    {
      bodies: [
        text(await abisSeal.sealGallery(kiosk, galleryChange, kioskKeys.certificate)),
        text(await abisSeal.sealGallery(kiosk, galleryChange, kioskKeys.certificate)),
      ],
      open: (body: Uint8Array) => kioskSeal.openGallery(body),
    },
  ]
  const seed = 20_261_125
  const below = generator(seed)
  const names = Object.keys(changes)
  const codes = new Map<string, number>()
  let changed = 0
  while (changed < 10_000) {
    const { bodies, open } = ways[changed % ways.length]
    const name = names[below(names.length)]
    const mutant = changes[name](bodies[0], bodies[1], below)
    // A random change may be none, or turn one honest body into the other.
    if (bodies.includes(mutant)) continue
    changed++
    const code = await open(ascii(mutant)).then(
      () => 'opened',
      (error: unknown) => (error instanceof KioskError ? error.code : `crashed: ${error}`),
    )
    codes.set(code, (codes.get(code) ?? 0) + 1)
    if (!code.startsWith('seal/')) t.fail(`${code}, seed ${seed}, change ${changed}, ${name}: ${mutant}`)
  }
  t.comment(Object.fromEntries(codes))
  const seen = ['seal/malformed', 'seal/untrusted', 'seal/wrong-type', 'seal/wrong-key']
  t.same(
    seen.filter(code => !codes.has(code)),
    [],
    'the changes reach every check',
  )
})

/** Mulberry32: whole numbers below a limit, the same for the same seed. */
function generator(seed: number): (limit: number) => number {
  let state = seed
  return limit => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit)
  }
}
