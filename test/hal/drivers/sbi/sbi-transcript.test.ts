/**
 * Goal: each way in which a conversation with a device service can fail ends as the port promises, and the next one
 * works. Method: the bytes as they are on the wire, one transcript a failure; where signatures are needed, a
 * simulated service whose connection goes wrong.
 */
import t from 'tap'
import { SbiSensor } from '../../../../hal/drivers/sbi/sbi.ts'
import { SimulatedLoopback } from '../../../../hal/sim/loopback.ts'
import type { SbiService } from '../../../../hal/sim/sbi-service.ts'
import { type Faults, faultyConnection } from '../../../support/faulty-connection.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { anchors, deviceKeys, PORT, sbiBench, somebody } from '../../../support/sbi-bench.ts'

const { roots } = await deviceKeys()
const request = (timeoutMs = 5000) => ({ timeoutMs, signal: new AbortController().signal })

const DISCOVERY = [
  'MOSIPDISC /device HTTP/1.1',
  'Host: 127.0.0.1:4501',
  'EXT: tunggal',
  'Content-Type: application/json',
  'Content-Length: 17',
  'Connection: close',
  '',
  '{"type":"Finger"}',
].join('\r\n')
const INFO = [
  'MOSIPDINFO /info HTTP/1.1',
  'Host: 127.0.0.1:4501',
  'EXT: tunggal',
  'Content-Type: application/json',
  'Content-Length: 0',
  'Connection: close',
  '',
  '',
].join('\r\n')
const answer = (body: unknown) => {
  const text = JSON.stringify(body)
  return `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\nContent-Type: application/json\r\n\r\n${text}\r\n\r\n`
}
const FOUND = answer([{ deviceId: '7', deviceStatus: 'Ready', error: { errorCode: '0' } }])

/** A service that knows one conversation, a turn a connection: what it must be asked, and what it says. */
function replay(turns: readonly (readonly [string, string])[]) {
  const clock = new ManualClock()
  const loopback = new SimulatedLoopback()
  let at = 0
  loopback.listen(4501, async connection => {
    const { signal } = new AbortController()
    const [asked, said] = turns[at++] ?? ['nothing more', '']
    let heard = ''
    while (heard.length < asked.length) {
      const bytes = await connection.read(signal)
      if (bytes === undefined) break
      heard += Buffer.from(bytes).toString()
    }
    t.equal(heard, asked, `turn ${at}`)
    await connection.write(Buffer.from(said), signal).catch(() => {})
    connection.close()
  })
  const sensor = new SbiSensor({
    loopback,
    clock,
    ports: { min: 4501, max: 4501 },
    anchors: async () => anchors(roots),
    newTransactionId: () => 'transaction',
    env: 'Developer',
  })
  return { clock, sensor, loopback, done: () => t.equal(at, turns.length, 'every turn was used') }
}

t.test('what is said when it is opened, byte for byte; every documented error has its meaning', async t => {
  const meanings: Readonly<Record<string, string>> = {
    100: 'hal/not-registered',
    103: 'hal/tampered',
    104: 'hal/not-ready',
    106: 'hal/no-answer',
    107: 'hal/untrusted',
    108: 'hal/not-ready',
    110: 'hal/not-ready',
    500: 'hal/part-fault',
  }
  for (const [errorCode, code] of Object.entries(meanings)) {
    const failed = answer([{ error: { errorCode, errorInfo: 'in whatever language' } }])
    const { clock, sensor, done } = replay([
      [DISCOVERY, FOUND],
      [INFO, failed],
    ])
    await t.rejects(
      clock.finish(sensor.open()),
      { code, details: { serviceError: Number(errorCode) } },
      errorCode,
    )
    done()
  }
})

t.test('a device that nobody registered: its information is unsigned', async t => {
  const unsigned = Buffer.from(JSON.stringify({ deviceId: '7', env: 'None' })).toString('base64url')
  const { clock, sensor, done } = replay([
    [DISCOVERY, FOUND],
    [INFO, answer([{ deviceInfo: unsigned, error: { errorCode: '100' } }])],
  ])
  await t.rejects(clock.finish(sensor.open()), { code: 'hal/not-registered' })
  done()
})

t.test('something else listens there, or nobody speaks', async t => {
  const others: Readonly<Record<string, string>> = {
    'a web server': 'HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/html\r\n\r\n<html>',
    'another protocol': 'SSH-2.0-OpenSSH_9.2\r\n',
    'a service without a scanner': answer([{ error: { errorCode: '503' } }]),
    'one that hangs up': '',
  }
  for (const [what, said] of Object.entries(others)) {
    const { clock, sensor, done } = replay([[DISCOVERY, said]])
    await t.rejects(clock.finish(sensor.open()), { code: 'hal/no-answer', message: /4501-4501/ }, what)
    done()
  }
  const { clock, sensor, loopback } = replay([])
  loopback.listen(4501, () => {})
  await t.rejects(clock.finish(sensor.open()), { code: 'hal/no-answer' }, 'one that says nothing')
  t.ok(clock.monotonicMs() <= 9000)
})

/** An opened driver, and a service whose connections go wrong from then on. */
async function opened(faults: Faults, onlyVerb?: string) {
  const parts = await sbiBench()
  await parts.clock.finish(parts.sensor.open())
  parts.service.citizen = somebody
  const mend = parts.listen
  const spoil = (service: SbiService) =>
    parts.loopback.listen(PORT, async connection => {
      const { heard } = service
      const before = heard.length
      const spoilt = faultyConnection(connection, parts.clock, faults)
      const chosen = {
        ...spoilt,
        write: (bytes: Uint8Array, signal: AbortSignal) => {
          const isSpoilt = onlyVerb === undefined || heard[before]?.verb === onlyVerb
          return isSpoilt ? spoilt.write(bytes, signal) : connection.write(bytes, signal)
        },
      }
      await service.serve(chosen)
    })
  spoil(parts.service)
  return { ...parts, mend }
}

const failures: Readonly<Record<string, readonly [Faults, string]>> = {
  'no answer': [{ quietAfterBytes: 0 }, 'hal/no-answer'],
  'the connection is closed before a word': [{ cutAfterBytes: 0 }, 'hal/no-answer'],
  'half a head': [{ cutAfterBytes: 20 }, 'hal/bad-answer'],
  'half a body, and closed': [{ cutAfterBytes: 1000 }, 'hal/bad-answer'],
  'half a body, and quiet': [{ quietAfterBytes: 1000 }, 'hal/no-answer'],
  'a slow drip': [{ dripMs: 100 }, 'hal/no-answer'],
  'a head without an end': [
    { cutAfterBytes: 0, floodWith: Buffer.from('x'.repeat(60_000)) },
    'hal/bad-answer',
  ],
}

for (const [what, [faults, code]] of Object.entries(failures))
  t.test(`${what}: it is said in time, and the next call works`, async t => {
    for (const verb of ['RCAPTURE', 'MOSIPDINFO']) {
      const { clock, sensor, mend } = await opened(faults, verb)
      const call = (): Promise<unknown> =>
        verb === 'RCAPTURE' ? sensor.capture(request()) : sensor.diagnose(request())
      const startMs = clock.monotonicMs()
      await t.rejects(clock.finish(call()), { code }, verb)
      t.ok(clock.monotonicMs() - startMs <= 5000, 'in time')
      mend()
      t.ok(await clock.finish(call()), 'and the next one')
      await sensor.close()
      await clock.advance(1000)
    }
  })

t.test(
  'a body over the limit is refused: at once where it says its length, else as soon as it is',
  async t => {
    for (const head of ['Content-Length: 99999999', 'Transfer-Encoding: chunked', 'Connection: close']) {
      const { clock, sensor, loopback, listen } = await sbiBench()
      await clock.finish(sensor.open())
      let writtenBytes = 0
      loopback.listen(PORT, async connection => {
        const { signal } = new AbortController()
        const piece = Buffer.from(`fff0\r\n${'x'.repeat(0xfff0)}\r\n`)
        const flood = async () => {
          await connection.read(signal)
          await connection.write(Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`), signal)
          for (;;) {
            await connection.write(piece, signal)
            writtenBytes += piece.length
          }
        }
        await flood().catch(() => {})
      })
      const limit = { code: 'hal/bad-answer', details: { bytesMax: 8 * 1024 * 1024 } }
      await t.rejects(clock.finish(sensor.capture(request())), limit, head)
      t.ok(writtenBytes < 9 * 1024 * 1024, `${writtenBytes} bytes`)
      listen()
      t.ok(await clock.finish(sensor.diagnose(request())))
    }
  },
)

t.test(
  'closed in the middle of a capture: no answer at once; a service that starts anew is found by itself',
  async t => {
    const { clock, sensor, service, loopback, listen } = await sbiBench()
    await clock.finish(sensor.open())
    const capture = sensor.capture(request())
    const rejected = t.rejects(capture, { code: 'hal/no-answer' })
    await clock.advance(500)
    const startMs = clock.monotonicMs()
    loopback.unlisten(PORT)
    await clock.finish(rejected)
    t.ok(clock.monotonicMs() - startMs < 100)
    listen()
    service.citizen = somebody
    t.ok(await clock.finish(sensor.capture(request())))
  },
)

t.test('every documented error of a capture', async t => {
  const meanings: Readonly<Record<number, string>> = {
    100: 'hal/not-registered',
    101: 'hal/no-finger',
    102: 'hal/bad-capture',
    104: 'hal/not-ready',
    105: 'hal/bad-capture',
    106: 'hal/no-answer',
    107: 'hal/untrusted',
    108: 'hal/not-ready',
    109: 'hal/unsupported',
    110: 'hal/not-ready',
    111: 'hal/busy',
    112: 'hal/bad-answer',
    500: 'hal/part-fault',
    701: 'hal/part-fault',
  }
  const { clock, sensor, service } = await sbiBench()
  await clock.finish(sensor.open())
  service.citizen = somebody
  for (const [number, code] of Object.entries(meanings)) {
    service.captureError = Number(number)
    await t.rejects(
      clock.finish(sensor.capture(request())),
      { code, details: { serviceError: Number(number) } },
      number,
    )
    service.captureError = 0
    t.ok(await clock.finish(sensor.capture(request())), `after ${number}`)
  }
})

t.test('a scanner that was tampered with is not used again, whatever it says afterwards', async t => {
  const { clock, sensor, service } = await sbiBench()
  await clock.finish(sensor.open())
  service.citizen = somebody
  service.captureError = 103
  await t.rejects(clock.finish(sensor.capture(request())), { code: 'hal/tampered' })
  service.captureError = 0
  await t.rejects(clock.finish(sensor.capture(request())), { code: 'hal/tampered' })
  await t.rejects(clock.finish(sensor.diagnose(request())), { code: 'hal/tampered' })
})
