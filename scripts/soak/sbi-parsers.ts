/** What comes from a device service, each of its layers spoilt on its own: nothing of it may be believed or crash. */

import { fingerRequest } from '../../hal/drivers/sbi/fingers.ts'
import { HASH_OF_NOTHING, nextHash } from '../../hal/drivers/sbi/hash-chain.ts'
import { ResponseReader } from '../../hal/drivers/sbi/http.ts'
import { JpegStream } from '../../hal/drivers/sbi/jpeg-stream.ts'
import { openJws } from '../../hal/drivers/sbi/jws.ts'
import {
  readCapture,
  readCaptured,
  readDeviceInfo,
  readDigitalId,
  readDiscovery,
  readInfo,
} from '../../hal/drivers/sbi/messages.ts'
import { openCapture } from '../../hal/drivers/sbi/open-capture.ts'
import { anchorsOf } from '../../hal/drivers/sbi/trust.ts'
import { makeDeviceKeys, pemOf } from '../../hal/sim/device-certificates.ts'
import { jpeg2000Record } from '../../hal/sim/finger-records.ts'
import { previewJpeg } from '../../hal/sim/preview-jpeg.ts'
import { jws } from '../../hal/sim/sbi-service.ts'
import { KioskError } from '../../src/base/errors.ts'
import { decodeFir } from '../../src/finger/image/decode-fir.ts'
import { readFir } from '../../src/finger/image/fir.ts'
import type { Frame } from '../../src/finger/image/frame.ts'
import type { Parser } from './part-parsers.ts'

const NOW_MS = Date.UTC(2026, 0, 1)
const BODY_BYTES_MAX = 4096
const codes: ReadonlySet<string> = new Set([
  'hal/bad-answer',
  'hal/untrusted',
  'hal/not-registered',
  'hal/part-fault',
  'image/unreadable',
  'image/too-large',
  'image/too-small',
])

const text = (value: string) => [...Buffer.from(value)]
const frame: Frame = { widthPx: 70, heightPx: 70, resolutionDpi: 500, pixels: new Uint8Array(4900).fill(200) }

/** `good` with bytes changed where the noise says, cut or made longer now and then. */
function spoil(good: Uint8Array, noise: Uint8Array): Uint8Array {
  if (noise.length < 4) return good.slice(0, good.length - noise.length - 1)
  const spoilt = Uint8Array.from(good)
  for (let i = 3; i < noise.length && i < 12; i += 3)
    spoilt[(noise[i - 3] * 65_536 + noise[i - 2] * 256 + noise[i - 1]) % spoilt.length] = noise[i]
  return noise[0] % 4 === 0 ? spoilt.subarray(0, (noise[1] * 257 + noise[2]) % spoilt.length) : spoilt
}

/** Undefined where `read` gave a value or one of the errors that it may; else what it threw. */
async function survives(read: () => unknown): Promise<string | undefined> {
  try {
    await read()
    return undefined
  } catch (cause) {
    return cause instanceof KioskError && codes.has(cause.code) ? undefined : `it threw ${cause}`
  }
}

async function firstFault(reads: readonly (() => unknown)[]): Promise<string | undefined> {
  for (const read of reads) {
    const fault = await survives(read)
    if (fault !== undefined) return fault
  }
  return undefined
}

function readAnswer(bytes: Uint8Array): Buffer {
  const reader = new ResponseReader(BODY_BYTES_MAX)
  const body = [...reader.push(bytes.subarray(0, 20)), ...reader.push(bytes.subarray(20))]
  reader.end()
  return Buffer.concat(body)
}

const chunked = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n')

const messages = [readDiscovery, readInfo, readDeviceInfo, readDigitalId, readCapture, readCaptured]
const goodMessages = [
  { biometrics: [{ data: 'a.b.c', hash: 'AB', error: { errorCode: '0' } }] },
  [{ deviceId: 'a', deviceInfo: 'a.b.c', error: { errorCode: 500 } }],
  {
    deviceId: 'a',
    deviceStatus: 'Ready',
    deviceSubId: ['0'],
    digitalId: 'a.b.c',
    env: 'Staging',
    purpose: 'Auth',
    specVersion: ['1'],
  },
].map(message => new Uint8Array(Buffer.from(JSON.stringify(message))))

export const sbiParsers: Readonly<Record<string, Parser>> = {
  'SBI answers (HTTP)': {
    favourites: text('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0'),
    make: () => async noise => {
      const fault = await firstFault([() => readAnswer(noise), () => readAnswer(spoil(chunked, noise))])
      return fault ?? (readAnswer(chunked).toString() === 'hello' ? undefined : 'the good one was changed')
    },
  },
  'SBI messages (JSON)': {
    favourites: text('{}[]":,0'),
    make() {
      let turn = 0
      return noise => {
        const spoilt = spoil(goodMessages[turn++ % goodMessages.length], noise)
        return firstFault(messages.flatMap(read => [() => read(noise), () => read(spoilt)]))
      }
    },
  },
  'SBI live images (JPEG)': {
    favourites: [0xff, 0xd8, 0xd9, 0xda, 0xc0, 0, 2],
    make() {
      const good = previewJpeg(frame)
      const stream = new JpegStream()
      return noise => {
        // An image that noise has begun may swallow what follows it, but never more than its limit.
        const images = [...stream.push(noise), ...stream.push(good)]
        stream.clear()
        return images.every(image => image.length <= noise.length + good.length) ? undefined : 'an image'
      }
    },
  },
  'SBI signed bodies (JWS)': {
    favourites: text('eyJhbGciOiJSUzI1NiJ9._-='),
    async make() {
      const { device, provider, roots } = await makeDeviceKeys(NOW_MS)
      const anchors = anchorsOf(pemOf(roots), 'trust.pem')
      const payload = JSON.stringify({ a: 'finger' })
      const good = Buffer.from(jws(payload, device, provider))
      const open = (bytes: Uint8Array) =>
        openJws(Buffer.from(bytes).toString('latin1'), anchors, NOW_MS).payload
      return async noise => {
        const fault = await firstFault([
          () => open(noise),
          () => {
            const spoilt = spoil(good, noise)
            const isSame = Buffer.from(open(spoilt)).equals(Buffer.from(open(good)))
            // A changed letter that means the same bits is no change.
            if (!isSame) throw new Error('a changed body was believed')
          },
        ])
        return fault
      }
    },
  },
  'SBI finger image records (FIR)': {
    favourites: [...text('FIR\u0000020\u0000'), 0, 1, 255],
    async make() {
      const good = await jpeg2000Record({ position: 2, impression: 0, quality: 50, frame })
      let turn = 0
      return async noise => {
        const spoilt = spoil(good, noise)
        const fault = await firstFault([() => readFir(noise), () => readFir(spoilt)])
        // A decoder of pictures takes its time: every so-manieth goes all the way.
        return fault ?? (turn++ % 200 === 0 ? await survives(() => decodeFir(spoilt)) : undefined)
      }
    },
  },
  'SBI captures, whole': {
    favourites: text('{"biometrics":[]}'),
    async make() {
      const { device, provider, chip, roots } = await makeDeviceKeys(NOW_MS)
      const record = await jpeg2000Record({ position: 2, impression: 0, quality: 50, frame })
      const data = {
        digitalId: jws(
          { serialNo: '1', make: 'a', model: 'b', type: 'Finger', deviceSubType: 'Single' },
          chip,
        ),
        bioType: 'Finger',
        bioSubType: 'Right IndexFinger',
        purpose: 'Registration',
        env: 'Developer',
        bioValue: Buffer.from(record).toString('base64url'),
        transactionId: 'transaction',
      }
      const hash = nextHash(HASH_OF_NOTHING, record)
      const good = Buffer.from(
        JSON.stringify({
          biometrics: [{ data: jws(data, device, provider), hash, error: { errorCode: '0' } }],
        }),
      )
      const expected = {
        request: {
          env: 'Developer',
          specVersion: '1.0.0',
          timeoutMs: 1000,
          atMs: NOW_MS,
          transactionId: 'transaction',
          deviceId: 'a',
          requestedScore: 40,
          finger: fingerRequest(false, [0], 2),
          previousHash: HASH_OF_NOTHING,
        },
        serialNo: '1',
        anchors: anchorsOf(pemOf(roots), 'trust.pem'),
        nowMs: NOW_MS,
      } as const
      await openCapture(Uint8Array.from(good), expected)
      return noise =>
        survives(async () => {
          const { frame: found } = await openCapture(spoil(good, noise), expected)
          if (!Buffer.from(found.pixels).equals(Buffer.from(frame.pixels)))
            throw new Error('a changed image was believed')
        })
    },
  },
}
