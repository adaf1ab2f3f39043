import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fingerName, fingerRequest, positionOf } from '../../../../hal/drivers/sbi/fingers.ts'
import { HASH_OF_NOTHING, nextHash } from '../../../../hal/drivers/sbi/hash-chain.ts'
import { JpegStream } from '../../../../hal/drivers/sbi/jpeg-stream.ts'
import { decodeBase64Url, openJws, readJws } from '../../../../hal/drivers/sbi/jws.ts'
import {
  readCapture,
  readCaptured,
  readDeviceInfo,
  readDiscovery,
  readInfo,
  readStreamError,
} from '../../../../hal/drivers/sbi/messages.ts'
import { serviceError } from '../../../../hal/drivers/sbi/service-errors.ts'
import { anchorsOf, readAnchors } from '../../../../hal/drivers/sbi/trust.ts'
import { simulatedCitizen } from '../../../../hal/sim/citizen.ts'
import { certified, pemOf } from '../../../../hal/sim/device-certificates.ts'
import { previewJpeg } from '../../../../hal/sim/preview-jpeg.ts'
import { errorCatalogue } from '../../../../src/base/errors.ts'
import { decodeFir } from '../../../../src/finger/image/decode-fir.ts'
import { Random } from '../../../../src/finger/synthetic/random.ts'
import { dataTest } from '../../../support/data.ts'
import { anchors, deviceKeys } from '../../../support/sbi-bench.ts'

const json = (value: unknown) => new Uint8Array(Buffer.from(JSON.stringify(value)))

t.test('the chain of hashes', async t => {
  t.equal(HASH_OF_NOTHING, 'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855')
  const record = Uint8Array.of(1, 2, 3)
  const inner = createHash('sha256').update(record).digest()
  const whole = createHash('sha256').update(Buffer.concat([Buffer.from(HASH_OF_NOTHING, 'hex'), inner]))
  t.equal(nextHash(HASH_OF_NOTHING, record), whole.digest('hex').toUpperCase())
  t.equal(nextHash(HASH_OF_NOTHING.toLowerCase(), record), nextHash(HASH_OF_NOTHING, record))
})

dataTest('the record that MOSIP’s own service delivers: its hash, and its image', async (t, folder) => {
  const record = new Uint8Array(readFileSync(join(folder, 'interop', 'Left_Index.iso')))
  t.equal(
    nextHash(HASH_OF_NOTHING, record),
    '7FCE09C083A41A000350C13A8BD6C962FB279AB66A8829D7BA77857EEBC20DC4',
  )
  t.match(await decodeFir(record), [{ quality: 57, frame: { widthPx: 280, heightPx: 448 } }])
})

t.test(
  'every documented error has a meaning and a remedy; a provider’s own is a fault with its number',
  async t => {
    t.equal(serviceError(0), undefined)
    const codes: Readonly<Record<number, string>> = {
      100: 'hal/not-registered',
      101: 'hal/no-finger',
      102: 'hal/bad-capture',
      103: 'hal/tampered',
      104: 'hal/not-ready',
      105: 'hal/bad-capture',
      106: 'hal/no-answer',
      107: 'hal/untrusted',
      108: 'hal/not-ready',
      109: 'hal/unsupported',
      110: 'hal/not-ready',
      111: 'hal/busy',
      112: 'hal/bad-answer',
      113: 'hal/part-fault',
      500: 'hal/part-fault',
      599: 'hal/part-fault',
      701: 'hal/part-fault',
    }
    for (const [number, code] of Object.entries(codes)) {
      const found = serviceError(Number(number))
      t.match(found, { code, details: { serviceError: Number(number), why: /\w/ } }, number)
      t.ok(code in errorCatalogue)
    }
  },
)

t.test('fingers have the specification’s names', async t => {
  for (let position = 1; position <= 10; position++) t.equal(positionOf(fingerName(position)), position)
  t.equal(fingerName(7), 'Left IndexFinger')
  t.equal(positionOf('Left Toe'), undefined)
  t.same(fingerRequest(false, [0], undefined), { deviceSubId: 0, finger: 'UNKNOWN', exceptions: [] })
  t.same(fingerRequest(false, [3, 1], 5), { deviceSubId: 3, finger: 'Right LittleFinger', exceptions: [] })
  for (let position = 1; position <= 10; position++) {
    const { finger, exceptions, deviceSubId } = fingerRequest(true, [1, 2, 3], position)
    t.equal(finger, fingerName(position))
    t.equal(exceptions.length, deviceSubId === 3 ? 1 : 3)
    t.notOk(exceptions.includes(finger))
  }
  t.match(fingerRequest(true, [1, 2, 3], undefined), { finger: 'Right IndexFinger', deviceSubId: 2 })
})

t.test('messages: numbers as text or not, what is missing, and what is none', async t => {
  t.same(readDiscovery(json([{ deviceId: 'a', error: { errorCode: '0' } }, { error: { errorCode: 503 } }])), [
    { deviceId: 'a' },
  ])
  t.same(readDiscovery(json([{ deviceId: 'a', error: null, unheard: {} }])), [{ deviceId: 'a' }])
  for (const wrong of [{}, 'x', [1], Array.from({ length: 100 }, () => ({ deviceId: 'a' }))])
    t.throws(() => readDiscovery(json(wrong)), { code: 'hal/bad-answer' })
  t.throws(() => readDiscovery(Uint8Array.of(0xff)), { code: 'hal/bad-answer' })
  t.throws(() => readDiscovery(new Uint8Array(Buffer.from('['.repeat(100_000)))), { code: 'hal/bad-answer' })

  t.same(readInfo(json([{ error: { errorCode: '106' } }, { deviceInfo: 'a.b.c' }])), ['a.b.c'])
  t.throws(() => readInfo(json([{ error: { errorCode: '106' } }])), { code: 'hal/no-answer' })
  t.throws(() => readInfo(json([{}])), { code: 'hal/bad-answer' })
  t.throws(() => readDeviceInfo(json({ deviceId: 'a' })), { code: 'hal/bad-answer' })

  const good = { data: 'a.b.c', hash: 'AB', error: { errorCode: '0', errorInfo: 'Success' } }
  t.same(readCapture(json({ biometrics: [good] })), { data: 'a.b.c', hash: 'AB' })
  const failed = { data: '', hash: '', error: { errorCode: '103' } }
  t.throws(() => readCapture(json({ biometrics: [failed] })), { code: 'hal/tampered' })
  t.throws(() => readCapture(json({ biometrics: [good, good] })), { code: 'hal/bad-answer' })
  t.throws(() => readCapture(json({ biometrics: [{ ...good, data: null }] })), { code: 'hal/bad-answer' })
  t.throws(() => readCapture(json({ error: { errorCode: 110 } })), { code: 'hal/not-ready' })
  t.throws(() => readCapture(json([{ error: { errorCode: '500' } }])), { code: 'hal/part-fault' })
  t.throws(() => readCapture(json({})), { code: 'hal/bad-answer' })
  t.throws(() => readCaptured(json({ bioValue: '!' })), { code: 'hal/bad-answer' })

  t.equal(readStreamError(json({ error: { errorCode: '0' } })), undefined)
  t.match(readStreamError(json({ errorCode: '111', errorInfo: 'Device is Busy' })), { code: 'hal/busy' })
  t.throws(() => readStreamError(json({})), { code: 'hal/bad-answer' })
})

t.test('a signed body that is none, or that nobody signed', async t => {
  const header = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const x5c = ['AAAA']
  t.throws(() => readJws('e30'), { code: 'hal/not-registered' })
  t.throws(() => readJws(`${header({ alg: 'RS256', x5c })}.e30.`), { code: 'hal/not-registered' })
  for (const wrong of [
    'a.b',
    'a.b.c.d',
    `${header({ alg: 'none', x5c })}.e30.AAAA`,
    `${header({ alg: 'HS256', x5c })}.e30.AAAA`,
    `${header({ alg: 'RS256' })}.e30.AAAA`,
    `${header({ alg: 'RS256', x5c: [] })}.e30.AAAA`,
    `${header({ alg: 'RS256', x5c: Array.from({ length: 9 }, () => 'AAAA') })}.e30.AAAA`,
    `${header({ alg: 'RS256', x5c: ['A'.repeat(20_000)] })}.e30.AAAA`,
    `${header({ alg: 'RS256', x5c })}.e30.${'A'.repeat(3000)}`,
    `${header({ alg: 'RS256', x5c })}.e!0.AAAA`,
  ])
    t.throws(() => readJws(wrong), { code: 'hal/bad-answer' }, wrong.slice(0, 40))
  t.match(
    readJws(`${header({ alg: 'RS256', x5c: 'AAAA' })}.e30.AAAA`),
    { chain: [new Uint8Array(3)] },
    'one, as text',
  )
  const { roots } = await deviceKeys()
  t.throws(() => openJws(`${header({ alg: 'RS256', x5c })}.e30.AAAA`, anchors(roots), 0), {
    code: 'hal/untrusted',
    details: { fault: 'unreadable' },
  })
})

t.test('base64url, padded or not, and nothing else', async t => {
  for (let length = 0; length < 20; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 77) & 0xff)
    const text = Buffer.from(bytes).toString('base64url')
    t.same(decodeBase64Url(text), bytes)
    t.same(decodeBase64Url(text.padEnd(Math.ceil(text.length / 4) * 4, '=')), bytes)
  }
  for (const wrong of ['a b', 'ab!d', 'ab=d', 'AAAA\n', 'é'])
    t.throws(() => decodeBase64Url(wrong), { code: 'hal/bad-answer' }, wrong)
})

t.test('anchors come from a file of certificates and nothing else', async t => {
  const { roots } = await deviceKeys()
  const folder = t.testdir({ 'good.pem': pemOf(roots), 'empty.pem': '', 'large.pem': 'x'.repeat(300_000) })
  t.equal((await readAnchors(join(folder, 'good.pem'))).length, 2)
  await t.rejects(readAnchors(join(folder, 'empty.pem')), { code: 'config/bad-value' })
  await t.rejects(readAnchors(join(folder, 'large.pem')), { code: 'io/unreadable' })
  await t.rejects(readAnchors(join(folder, 'none.pem')), { code: 'io/unreadable' })
  const broken = pemOf(roots).replace(/\n[A-Za-z0-9+/=]{64}/, '\nAAAA')
  t.throws(() => anchorsOf(broken, 'broken.pem'), { code: 'config/bad-value' })
})

t.test('a certificate as OpenSSL writes it, beyond 2049 too', async t => {
  const validity = { fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2060, 0, 1) }
  const [certificate] = anchors([await certified('Far', { validity, ca: true })])
  t.equal(certificate.validTo, 'Jan  1 00:00:00 2060 GMT')
  t.equal(certificate.subject, 'CN=Far')
  t.ok(certificate.ca)
})

const live = previewJpeg(simulatedCitizen(3).place(2, 0)!)
/** With a small picture inside of a segment, as cameras write. */
const nested = Uint8Array.from([
  0xff,
  0xd8,
  0xff,
  0xe1,
  0,
  8,
  0xff,
  0xd8,
  0xff,
  0xd9,
  1,
  1,
  ...live.subarray(2),
])

t.test('live images are found whatever stands between them, wherever they are cut', async t => {
  const between = Buffer.from('--b\r\nContent-type: image/jpg\r\nContent-Length: 7\r\n\r\n')
  const bytes = Buffer.concat([
    between,
    live,
    between,
    nested,
    Buffer.of(0xff, 0xd8, 0xff, 0x00),
    live,
    between,
  ])
  const random = new Random(9)
  for (let round = 0; round < 50; round++) {
    const stream = new JpegStream()
    const images: Uint8Array[] = []
    for (let at = 0; at < bytes.length; ) {
      const to = at + 1 + random.below(round === 0 ? 1 : 5000)
      images.push(...stream.push(bytes.subarray(at, to)))
      at = to
    }
    if (
      !t.same(
        images.map(image => image.length),
        [live.length, nested.length, live.length],
      )
    )
      break
    if (!images.every((image, i) => Buffer.from([live, nested, live][i]).equals(Buffer.from(image))))
      t.fail('changed')
  }
})

t.test('an image without an end is given up', async t => {
  const stream = new JpegStream()
  stream.push(live.subarray(0, -2))
  t.throws(
    () => {
      for (let i = 0; i < 100; i++) stream.push(new Uint8Array(64 * 1024))
    },
    { code: 'hal/bad-answer' },
  )
})
