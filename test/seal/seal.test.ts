/**
 * Goal: what one end seals the other opens unchanged, and nothing else is opened.
 * Method: every type there and back; then forge, with real keys and one thing wrong at a time, what
 * each kind of liar could send, and look at the code and reason of the refusal.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { z } from 'zod'
import { type ErrorCode, KioskError } from '../../src/base/errors.ts'
import { Authority } from '../../src/keys/authority.ts'
import { openAbisKeys, openKioskKeys, openSigningKeys } from '../../src/keys/file-key-store.ts'
import { addDecryptionKey, handOutRevocations, issueKiosk } from '../../src/keys/make-keys.ts'
import type { PrintJob } from '../../src/record/print-job.ts'
import { SEALED_BYTES_MAX, type StatusAnswer } from '../../src/record/submission.ts'
import { openAbisSeal } from '../../src/seal/abis-seal.ts'
import { openOpsSeal } from '../../src/seal/config-seal.ts'
import { openKioskSeal } from '../../src/seal/kiosk-seal.ts'
import { demoKeys } from '../support/demo-keys.ts'
import {
  ascii,
  clockAt,
  encode,
  forgeEncrypted,
  forgeSigned,
  galleryChange,
  json,
  NIK,
  outcome,
  query,
  receipt,
  recordEvent,
  signedHeader,
  submissionOf,
} from './forge.ts'

const clock = clockAt('2026-06-01T00:00:00Z')
const home = await demoKeys(t, clock, { kiosk: 'kiosk-0001' })
const { kioskKeys, abisKeys, kioskSeal, abisSeal, keys } = home
const kiosk = kioskKeys.name
const abis = abisKeys.name
const submission = submissionOf(kiosk)
const opsKeys = await openSigningKeys(join(keys, 'ops'), 'ops')
await issueKiosk(join(keys, 'kiosk-ca'), { name: 'kiosk-0002', clock, out: join(keys, 'kiosk-0002') })
const otherKiosk = await openKioskKeys(join(keys, 'kiosk-0002'))

/** The code and, where there is one, the reason. Nothing from inside a body may be in the message. */
async function refusal(opening: Promise<unknown>): Promise<readonly [ErrorCode | 'opened', unknown?]> {
  try {
    await opening
    return ['opened']
  } catch (error) {
    if (!(error instanceof KioskError)) throw error
    if (`${error.message} ${error.cause}`.includes(NIK)) throw new Error('a NIK is in the message')
    return [error.code, error.details.reason]
  }
}

/** A submission as the kiosk would send it, but for what is changed. */
async function forged(
  change: {
    header?: Record<string, unknown>
    payload?: Uint8Array
    outer?: Record<string, unknown>
    signer?: Parameters<typeof forgeSigned>[0]
    wrap?: (jws: string) => string
  } = {},
) {
  const header = signedHeader(kioskKeys, { type: 'submission', audience: abis, change: change.header })
  const jws = await forgeSigned(change.signer ?? kioskKeys, header, change.payload ?? json(submission))
  const content = change.wrap?.(jws) ?? jws
  const outer = { cty: 'tunggal-submission+jws', ...change.outer }
  return ascii(await forgeEncrypted(kioskKeys.abis, content, outer))
}
const openForged = async (change?: Parameters<typeof forged>[0]) =>
  refusal(abisSeal.openSubmission(kiosk, await forged(change)))

t.test('every type arrives as it was', async t => {
  t.same(await abisSeal.openSubmission(kiosk, (await kioskSeal.sealSubmission(submission)).body), submission)
  t.same(await abisSeal.openQuery(kiosk, (await kioskSeal.sealQuery(query)).body), query)
  t.same(
    await abisSeal.openRecordEvent(kiosk, (await kioskSeal.sealRecordEvent(recordEvent)).body),
    recordEvent,
  )
  t.same(await kioskSeal.openReceipt((await abisSeal.sealReceipt(kiosk, receipt)).body), receipt)
  t.same(await kioskSeal.openOutcome((await abisSeal.sealOutcome(kiosk, outcome)).body), outcome)
  const question = '5f0cbb52-5d6f-4dd4-9f2b-0d6c5a1f7b10'
  const { id, at } = outcome
  const asked = { id, question, at }
  t.same(await abisSeal.openQuery(kiosk, (await kioskSeal.sealQuery(asked)).body), asked)
  const answer: StatusAnswer = { id, question, known: true, history: [{ status: outcome.status, at }] }
  t.same(await kioskSeal.openOutcome((await abisSeal.sealAnswer(kiosk, answer)).body), answer)
  t.same(await openForged(), ['opened'], 'and so does what the tests below start from')
})

t.test('a print job is for one kiosk, and from the centre', async t => {
  const job: PrintJob = {
    job: '019abcde-f012-7345-8678-9abcdef01234',
    id: outcome.id,
    kind: 'document',
    title: 'Surat',
    format: 'application/pdf',
    media: 'iso_a4_210x297mm',
    bytes: Buffer.from('%PDF for one citizen').toString('base64'),
    at: outcome.at,
  }
  const { body } = await abisSeal.sealPrint(kiosk, job, kioskKeys.certificate)
  t.same(await kioskSeal.openPrint(body), job)
  t.notMatch(
    Buffer.from(body).toString('latin1'),
    Buffer.from('one citizen').toString('base64url').slice(2, -2),
  )
  const toOther = await abisSeal.sealPrint(kiosk, job, otherKiosk.certificate)
  t.equal((await refusal(kioskSeal.openPrint(toOther.body)))[0], 'seal/wrong-key')
  const forOther = await abisSeal.sealPrint(otherKiosk.name, job, kioskKeys.certificate)
  t.equal((await refusal(kioskSeal.openPrint(forOther.body)))[0], 'seal/untrusted')
  const plain = await abisSeal.sealOutcome(kiosk, outcome)
  t.equal((await refusal(kioskSeal.openPrint(plain.body)))[0], 'seal/malformed')
  await abisSeal.openQuery(kiosk, (await kioskSeal.sealQuery(query)).body)
  t.equal(abisSeal.signerOf(kiosk)?.fingerprint256, kioskKeys.certificate.fingerprint256)
  t.equal(abisSeal.signerOf('kiosk-none'), undefined)
})

t.test('a change of a gallery is for one kiosk, which asks for it in its own name', async t => {
  const asked = {
    question: galleryChange.previous,
    at: outcome.at,
    gallery: { digest: galleryChange.digest, scope: ['3171'], fingersMax: 100 },
  }
  t.same(await abisSeal.openQuery(kiosk, (await kioskSeal.sealQuery(asked)).body), asked)
  const { body } = await abisSeal.sealGallery(kiosk, galleryChange, kioskKeys.certificate)
  t.same(await kioskSeal.openGallery(body), galleryChange)
  const [{ fingers }] = galleryChange.add
  const inside = Buffer.from(fingers[0].template, 'base64').toString('base64url').slice(4, -4)
  t.notMatch(Buffer.from(body).toString('latin1'), inside)
  const toOther = await abisSeal.sealGallery(kiosk, galleryChange, otherKiosk.certificate)
  t.equal((await refusal(kioskSeal.openGallery(toOther.body)))[0], 'seal/wrong-key')
  const forOther = await abisSeal.sealGallery(otherKiosk.name, galleryChange, kioskKeys.certificate)
  t.same(await refusal(kioskSeal.openGallery(forOther.body)), ['seal/untrusted', 'audience'])
  t.equal((await refusal(kioskSeal.openPrint(body)))[0], 'seal/wrong-type')
})

t.test('the ABIS believes what operations signed for a kiosk, and no kiosk', async t => {
  const schema = z.strictObject({ version: z.int() })
  const wanted = { version: 7 }
  const { body } = await openOpsSeal({ keys: opsKeys, clock }).sealConfig(kiosk, wanted)
  t.same(await abisSeal.openConfig(kiosk, body, schema), wanted)
  t.same(await refusal(abisSeal.openConfig(otherKiosk.name, body, schema)), ['seal/untrusted', 'audience'])
  for (const signer of [kioskKeys, abisKeys]) {
    const header = signedHeader(signer, { type: 'config', audience: kiosk })
    const forged = ascii(await forgeSigned(signer, header, json(wanted)))
    t.equal((await refusal(abisSeal.openConfig(kiosk, forged, schema)))[0], 'seal/untrusted')
  }
})

t.test('a body is opened from a view into a larger buffer', async t => {
  const { body } = await kioskSeal.sealSubmission(submission)
  const larger = Buffer.alloc(body.length + 100, 'x')
  larger.set(body, 50)
  t.same(await abisSeal.openSubmission(kiosk, larger.subarray(50, 50 + body.length)), submission)
})

t.test('the hash is of the bytes as published, and the person is not to be seen in them', async t => {
  const { createHash } = await import('node:crypto')
  const { body, sha256 } = await kioskSeal.sealSubmission(submission)
  t.equal(sha256, createHash('sha256').update(body).digest('hex'))
  t.match(sha256, /^[0-9a-f]{64}$/)
  const text = Buffer.from(body).toString('latin1')
  t.match(text, /^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22}$/)
  for (const part of text.split('.')) t.notMatch(Buffer.from(part, 'base64url').toString('latin1'), NIK)
})

t.test('size is looked at before anything else', async t => {
  const over = new Uint8Array(SEALED_BYTES_MAX + 1)
  for (const opening of [
    abisSeal.openSubmission(kiosk, over),
    abisSeal.openQuery(kiosk, over),
    abisSeal.openRecordEvent(kiosk, over),
    kioskSeal.openReceipt(over),
    kioskSeal.openOutcome(over),
  ])
    t.equal((await refusal(opening))[0], 'seal/too-large')
  t.same(await refusal(kioskSeal.openReceipt(over.subarray(1))), ['seal/malformed', 'character'])
  const image = Buffer.alloc(740_000).toString('base64')
  const heavy = { ...submission.fingers[0], image }
  const fingers = Array.from({ length: 10 }, (_, index) => ({ ...heavy, position: index + 1 }))
  t.same((await refusal(kioskSeal.sealSubmission({ ...submission, fingers })))[0], 'seal/too-large')
})

t.test('a type is not another', async t => {
  const asSubmission = (body: Uint8Array) => refusal(abisSeal.openSubmission(kiosk, body))
  t.equal((await asSubmission((await kioskSeal.sealQuery(query)).body))[0], 'seal/wrong-type')
  t.equal((await asSubmission((await kioskSeal.sealRecordEvent(recordEvent)).body))[0], 'seal/wrong-type')
  const asQuery = (await kioskSeal.sealSubmission(submission)).body
  t.equal((await refusal(abisSeal.openQuery(kiosk, asQuery)))[0], 'seal/wrong-type')
  const asOutcome = (await abisSeal.sealReceipt(kiosk, receipt)).body
  t.equal((await refusal(kioskSeal.openOutcome(asOutcome)))[0], 'seal/wrong-type')
  const asReceipt = (await abisSeal.sealOutcome(kiosk, outcome)).body
  t.equal((await refusal(kioskSeal.openReceipt(asReceipt)))[0], 'seal/wrong-type')

  t.equal((await openForged({ header: { typ: 'tunggal-query+jws' } }))[0], 'seal/wrong-type')
  t.equal((await openForged({ header: { typ: 'JWT' } }))[0], 'seal/wrong-type')
  t.equal((await openForged({ header: { typ: undefined } }))[0], 'seal/malformed')
  t.equal((await openForged({ outer: { cty: 'tunggal-query+jws' } }))[0], 'seal/wrong-type')
  t.equal((await openForged({ outer: { cty: undefined } }))[0], 'seal/malformed')
})

t.test('only its own name may sign, and only for the reader', async t => {
  const untrusted = (reason: string) => ['seal/untrusted', reason]
  t.same(await openForged({ header: { aud: 'abis-other' } }), untrusted('audience'))
  t.same(await openForged({ header: { aud: kiosk } }), untrusted('audience'))
  const others = (await openKioskSeal({ keys: otherKiosk, clock }).sealSubmission(submissionOf('kiosk-0002')))
    .body
  t.same(await refusal(abisSeal.openSubmission('kiosk-0002', others)), ['opened'])
  t.same(await refusal(abisSeal.openSubmission(kiosk, others)), untrusted('signer'))
  t.same(await openForged({ payload: json(submissionOf('kiosk-0002')) }), untrusted('kiosk'))
  t.same(await openForged({ signer: otherKiosk }), untrusted('signature'))

  const toOther = (await abisSeal.sealReceipt('kiosk-0002', receipt)).body
  t.same(await refusal(kioskSeal.openReceipt(toOther)), untrusted('audience'))
})

t.test('a role signs only what is its own', async t => {
  const receiptBy = async (by: typeof opsKeys) => {
    const jws = await forgeSigned(by, signedHeader(by, { type: 'receipt', audience: kiosk }), json(receipt))
    return refusal(kioskSeal.openReceipt(ascii(jws)))
  }
  t.same(await receiptBy(abisKeys), ['opened'])
  t.same(await receiptBy(opsKeys), ['seal/untrusted', 'certificate: role'])
  t.same(await receiptBy(kioskKeys), ['seal/untrusted', 'certificate: length'])
  for (const [by, fault] of [
    [abisKeys, 'length'],
    [opsKeys, 'length'],
  ] as const) {
    const { x5c } = signedHeader(by, { type: 'submission', audience: abis })
    t.same(await openForged({ signer: by, header: { x5c } }), ['seal/untrusted', `certificate: ${fault}`])
  }
})

t.test('another nation is not ours', async t => {
  const foreign = await demoKeys(t, clock, { kiosk })
  const sealed = (await foreign.kioskSeal.sealSubmission(submission)).body
  t.equal((await refusal(abisSeal.openSubmission(kiosk, sealed)))[0], 'seal/wrong-key')
  const { x5c } = signedHeader(foreign.kioskKeys, { type: 'submission', audience: abis })
  t.same(await openForged({ signer: foreign.kioskKeys, header: { x5c } }), [
    'seal/untrusted',
    'certificate: issuer',
  ])
  const stranger = (await foreign.abisSeal.sealReceipt(kiosk, receipt)).body
  t.same(await refusal(kioskSeal.openReceipt(stranger)), ['seal/untrusted', 'certificate: issuer'])
  const posing = { ...foreign.kioskKeys.abis, kid: kioskKeys.abis.kid }
  const posed = ascii(await forgeEncrypted(posing, 'x', { cty: 'tunggal-submission+jws' }))
  t.same(await refusal(abisSeal.openSubmission(kiosk, posed)), ['seal/malformed', 'decryption'])
})

t.test('headers say what we say and nothing else', async t => {
  const changes: Record<string, unknown>[] = [
    { alg: 'none' },
    { alg: 'HS256' },
    { alg: 'ES384' },
    { alg: undefined },
    { kid: 'x' },
    { jku: 'https://example.org' },
    { jwk: kioskKeys.certificate.publicKey.export({ format: 'jwk' }) },
    { crit: ['b64'], b64: false },
    { crit: ['exp'], exp: 1 },
    { zip: 'DEF' },
    { x5c: undefined },
    { x5c: [] },
    { x5c: 'AAAA' },
    { x5c: Array.from({ length: 100 }, () => 'AAAA') },
    { x5c: ['A'.repeat(5000)] },
    { aud: [abis] },
  ]
  for (const header of changes)
    t.same(await openForged({ header }), ['seal/malformed', 'header'], JSON.stringify(header))
  const outer: Record<string, unknown>[] = [
    { kid: 'short' },
    { enc: 'A128GCM' },
    { alg: 'ECDH-ES+A256KW' },
    { zip: 'DEF' },
    { typ: 'JOSE' },
  ]
  for (const change of outer) {
    const [code] = await openForged({ outer: change })
    t.equal(code, 'seal/malformed', JSON.stringify(change))
  }
  t.equal((await openForged({ outer: { kid: 'A'.repeat(43) } }))[0], 'seal/wrong-key')
  const listed =
    '{"__proto__":{"alg":"ES256"},"alg":"ES256","typ":"tunggal-receipt+jws","aud":"k","x5c":["AA=="]}'
  for (const header of [listed, '{', '[]', 'null', '"x"', '', '\u0000', '[['.repeat(2000)]) {
    const jws = ascii(await forgeSigned(abisKeys, header, json(receipt)))
    t.same(await refusal(kioskSeal.openReceipt(jws)), ['seal/malformed', 'header'], header.slice(0, 20))
  }
})

t.test('what is nested otherwise is refused', async t => {
  const jws = await forgeSigned(
    kioskKeys,
    signedHeader(kioskKeys, { type: 'submission', audience: abis }),
    json(submission),
  )
  const jwe = Buffer.from(await forged()).toString()
  t.same(await refusal(abisSeal.openSubmission(kiosk, ascii(jws))), ['seal/malformed', 'parts'])
  t.same(await openForged({ wrap: () => jwe }), ['seal/malformed', 'parts'])
  t.same(await openForged({ wrap: () => '' }), ['seal/malformed', 'parts'])
  t.same(await openForged({ wrap: () => JSON.stringify(submission) }), ['seal/malformed', 'character'])
  t.same(await openForged({ payload: ascii(jws) }), ['seal/malformed', 'json'])
  t.same(await openForged({ wrap: inner => inner.replace(/\.[^.]*$/, '.') }), ['seal/malformed', 'signature'])
  t.same(await openForged({ wrap: inner => `${inner} ` }), ['seal/malformed', 'character'])
  t.same(await openForged({ wrap: inner => `${inner}.` }), ['seal/malformed', 'parts'])
  t.same(await openForged({ wrap: inner => inner.replace(/\.([^.]*)\./, `.${encode('{}')}.`) }), [
    'seal/untrusted',
    'signature',
  ])
  t.same(await refusal(kioskSeal.openReceipt(await forged())), ['seal/malformed', 'parts'])
  for (const bytes of ['', '.', '..', '....', '.....', 'a.b.c', 'a..b.c.d', '\u00e9..a.a.a', '{}'])
    for (const opening of [kioskSeal.openReceipt(ascii(bytes)), abisSeal.openQuery(kiosk, ascii(bytes))])
      t.equal((await refusal(opening))[0], 'seal/malformed', bytes)
})

t.test('no second text for the same bytes', async t => {
  const { body } = await kioskSeal.sealQuery(query)
  const [header, , iv, ciphertext, tag] = Buffer.from(body).toString().split('.')
  const next = (part: string) => part.slice(0, -1) + String.fromCharCode(part.charCodeAt(part.length - 1) + 1)
  // 16 bytes leave four unused bits in the last of 22 digits.
  t.match(tag, /[AQgw]$/)
  const changed = [header, '', iv, ciphertext, next(tag)].join('.')
  t.same(Buffer.from(next(tag), 'base64url'), Buffer.from(tag, 'base64url'), 'decoders take it for the same')
  t.same(await refusal(abisSeal.openQuery(kiosk, ascii(changed))), ['seal/malformed', 'base64url'])
  for (const padded of [`${tag}==`, `${tag}=`, `${tag}\n`]) {
    const text = [header, '', iv, ciphertext, padded].join('.')
    t.same(await refusal(abisSeal.openQuery(kiosk, ascii(text))), ['seal/malformed', 'character'])
  }
})

t.test('a payload is as its schema has it, and the refusal names the field alone', async t => {
  const fieldOf = async (payload: Uint8Array) => {
    const error = await abisSeal
      .openSubmission(kiosk, await forged({ payload }))
      .then(() => undefined)
      .catch((caught: unknown) => caught as KioskError)
    t.equal(error?.code, 'seal/malformed')
    t.notMatch(`${error?.message} ${error?.cause}`, NIK)
    return error?.details.field
  }
  t.equal(await fieldOf(json({ ...submission, nik: `${NIK}4` })), 'nik')
  t.equal(await fieldOf(json({ ...submission, [NIK]: 1 })), '')
  t.equal(await fieldOf(json({ ...submission, sequence: 0 })), 'sequence')
  t.equal(await fieldOf(json({ ...submission, fingers: [] })), 'fingers')
  t.equal(await fieldOf(json([])), '')
  t.equal(await fieldOf(Buffer.from(`{"__proto__":{},${JSON.stringify(submission).slice(1)}`)), '')
  for (const text of [`{"nik":"${NIK}"`, '', '\ufeff{}', '[['.repeat(100_000)])
    t.equal(await fieldOf(Buffer.from(text)), undefined)
  t.equal(await fieldOf(Buffer.from([0x22, 0xff, 0x22])), undefined, 'not UTF-8')
})

t.test('nothing that the other end would refuse is sealed', async t => {
  await t.rejects(kioskSeal.sealSubmission({ ...submission, kiosk: 'kiosk-0002' }), { code: 'ERR_ASSERTION' })
  await t.rejects(kioskSeal.sealSubmission({ ...submission, sequence: 0 }), { code: 'ERR_ASSERTION' })
  await t.rejects(abisSeal.sealReceipt('#', receipt), { code: 'ERR_ASSERTION' })
  await t.rejects(abisSeal.sealReceipt(abis, receipt), { code: 'ERR_ASSERTION' })
})

t.test('clocks', async t => {
  const kioskClock = clockAt('2026-06-01T00:00:00Z')
  const abisClock = clockAt('2026-06-01T00:00:00Z')
  const atKiosk = openKioskSeal({ keys: kioskKeys, clock: kioskClock })
  const atAbis = openAbisSeal({ keys: abisKeys, clock: abisClock })
  const { body: up } = await atKiosk.sealSubmission(submission)
  const { body: down } = await abisSeal.sealReceipt(kiosk, receipt)
  const lapsed = ['seal/untrusted', 'certificate: expired']

  for (const [iso, expected] of [
    ['1970-01-01T00:00:00Z', ['opened']],
    ['2016-06-01T00:00:00Z', ['opened']],
    ['2031-01-01T00:00:00Z', ['opened']],
    ['2036-06-01T00:00:00Z', lapsed],
  ] as const) {
    kioskClock.set(iso)
    t.same(await refusal(atKiosk.openReceipt(down)), expected, `kiosk's clock at ${iso}`)
    const late = (await atKiosk.sealSubmission(submission)).body
    t.same(await refusal(atAbis.openSubmission(kiosk, late)), ['opened'], `sealed at ${iso}`)
  }
  for (const [iso, expected] of [
    ['2026-05-31T00:00:00Z', ['opened']],
    ['2026-05-30T23:59:59Z', ['seal/untrusted', 'certificate: not-yet-valid']],
    // The kiosk's certificate ends on 1 June 2027; half a year later no outbox still waits.
    ['2027-11-28T00:00:00Z', ['opened']],
    ['2027-11-28T00:00:01Z', lapsed],
  ] as const) {
    abisClock.set(iso)
    t.same(await refusal(atAbis.openSubmission(kiosk, up)), expected, `ABIS's clock at ${iso}`)
  }
})

t.test('a clock at 1970 brings no lapsed certificate back to life', async t => {
  const later = clockAt('2032-06-01T00:00:00Z')
  await issueKiosk(join(keys, 'kiosk-ca'), {
    name: 'kiosk-2032',
    clock: later,
    out: join(keys, 'kiosk-2032'),
  })
  const made = await openKioskKeys(join(keys, 'kiosk-2032'))
  // The ABIS's certificate ended in 2031, a year before this kiosk's own was made.
  const { body } = await abisSeal.sealReceipt('kiosk-2032', receipt)
  for (const iso of ['1970-01-01T00:00:00Z', '2028-01-01T00:00:00Z', '2032-06-01T00:00:00Z'])
    t.same(
      await refusal(openKioskSeal({ keys: made, clock: clockAt(iso) }).openReceipt(body)),
      ['seal/untrusted', 'certificate: expired'],
      iso,
    )
})

t.test('a new decryption key leaves the old ones in use', async t => {
  const before = (await kioskSeal.sealSubmission(submission)).body
  const kid = await addDecryptionKey(keys, clock)
  t.not(kid, kioskKeys.abis.kid)
  await issueKiosk(join(keys, 'kiosk-ca'), { name: 'kiosk-0003', clock, out: join(keys, 'kiosk-0003') })
  const later = await openKioskKeys(join(keys, 'kiosk-0003'))
  t.equal(later.abis.kid, kid)
  const after = (await openKioskSeal({ keys: later, clock }).sealSubmission(submissionOf('kiosk-0003'))).body
  const both = openAbisSeal({ keys: await openAbisKeys(join(keys, 'abis')), clock })
  t.same(await refusal(both.openSubmission(kiosk, before)), ['opened'])
  t.same(await refusal(both.openSubmission('kiosk-0003', after)), ['opened'])
  t.equal((await refusal(abisSeal.openSubmission('kiosk-0003', after)))[0], 'seal/wrong-key')

  await rm(join(keys, 'abis/decryption', `${kioskKeys.abis.kid}.key.pem`))
  await rm(join(keys, 'abis/decryption', `${kioskKeys.abis.kid}.pem`))
  const newOnly = openAbisSeal({ keys: await openAbisKeys(join(keys, 'abis')), clock })
  t.equal((await refusal(newOnly.openSubmission(kiosk, before)))[0], 'seal/wrong-key')
})

t.test('a lost kiosk is not believed; what a retired one has sealed is', async t => {
  const { body } = await kioskSeal.sealSubmission(submission)
  const ca = await Authority.open(join(keys, 'kiosk-ca'), clock)
  const opened = async () => {
    await handOutRevocations(keys)
    return openAbisSeal({
      keys: { ...(await openAbisKeys(join(keys, 'abis'))), decryptionKey: abisKeys.decryptionKey },
      clock,
    })
  }
  await ca.revoke(kiosk, 'retired')
  t.same(await refusal((await opened()).openSubmission(kiosk, body)), ['opened'])
  await ca.revoke(kiosk, 'lost')
  t.same(await refusal((await opened()).openSubmission(kiosk, body)), [
    'seal/untrusted',
    'certificate: revoked',
  ])

  const root = await Authority.open(join(keys, 'root'), clock)
  await issueKiosk(join(keys, 'kiosk-ca'), { name: 'kiosk-0004', clock, out: join(keys, 'kiosk-0004') })
  const last = await openKioskKeys(join(keys, 'kiosk-0004'))
  const { body: lastBody } = await openKioskSeal({ keys: last, clock }).sealSubmission(
    submissionOf('kiosk-0004'),
  )
  const withAllKeys = async () => openAbisSeal({ keys: await openAbisKeys(join(keys, 'abis')), clock })
  t.same(await refusal((await withAllKeys()).openSubmission('kiosk-0004', lastBody)), ['opened'])
  await root.revoke('kiosk-ca', 'lost')
  await handOutRevocations(keys)
  t.same(await refusal((await withAllKeys()).openSubmission('kiosk-0004', lastBody)), [
    'seal/untrusted',
    'certificate: revoked',
  ])
})
