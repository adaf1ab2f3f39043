/**
 * Goal: operations learn now and then, and at once after a change, how a kiosk is; never whose records it holds.
 * Method: a broker and a store in the hands of the test, on a clock that stands still.
 */
import { request } from 'node:http'
import t from 'tap'
import { silentLog } from '../../src/base/log.ts'
import { RecentSamples } from '../../src/health/recent-samples.ts'
import { serveMetrics } from '../../src/health/serve-metrics.ts'
import { type Circumstances, Telemetry } from '../../src/health/telemetry.ts'
import type { Broker, Message } from '../../src/mqtt/broker.ts'
import type { Store } from '../../src/store/ports.ts'
import { ManualClock } from '../support/manual-clock.ts'

function telemetry() {
  const clock = new ManualClock()
  const sent: Message[] = []
  const broker = {
    connection: { receiveMaximum: 10, packetBytesMax: 1e6, sinceMs: 0 } as Broker['connection'],
    publish: async (message: Message) => {
      sent.push(message)
      return { subscribed: true }
    },
  }
  const samples = new RecentSamples()
  for (let sample = 0; sample < 300; sample++)
    samples.add({ score: sample < 100 ? 0 : 60, good: sample % 4 > 0 })
  const circumstances: Circumstances = {
    limits: ['no-printer'],
    staffCalled: false,
    samples: samples.statistics(),
  }
  const store = {
    outbox: {
      count: 3,
      peek: async () => [{ id: 'r', sequence: 7, appendedAtMs: clock.nowMs() }],
      setAsideList: async () => [],
    },
    events: { count: 1 },
    capacity: async () => ({ level: 'ok', limitedBy: 'entries', fraction: 0.25, entries: 3, bytes: 9 }),
    auditFindings: [{ kind: 'value-corrupt' }],
    async *records() {
      yield { history: [{ status: 'SENT_FOR_ENROLLMENT', at: '2025-12-31T09:00:00.000Z' }] }
    },
  } as unknown as Store
  const told = new Telemetry({
    kiosk: 'kiosk-1',
    version: '1.2.3',
    broker: broker as unknown as Broker,
    store,
    clock,
    log: silentLog,
    intervalMs: 60_000,
    parts: () => [
      {
        name: 'receipt',
        kind: 'receipt-printer',
        driver: 'escpos',
        on: { line: 'serial:/dev/ttyS0' },
        state: { up: false, code: 'hal/paper-out', detail: 'no paper' },
        diagnose: async () => [],
      },
    ],
    circumstances: () => circumstances,
  })
  return { clock, sent, broker, told }
}

t.test('what is told: counts, names and codes', async t => {
  const { clock, sent, told } = telemetry()
  await clock.advance(1000)
  t.equal(sent.length, 1)
  t.match(sent[0], { topic: 'tunggal/1/kiosk/kiosk-1/telemetry', qos: 0, retain: true })
  t.match(JSON.parse(Buffer.from(sent[0].body).toString()), {
    at: '2026-01-01T00:00:01.000Z',
    version: '1.2.3',
    uptimeSeconds: 1,
    outbox: { waiting: 3, events: 1, setAside: 0, oldestAt: /2026/ },
    store: { level: 'ok', limitedBy: 'entries', fraction: 0.25, findings: 1 },
    parts: [{ name: 'receipt', kind: 'receipt-printer', up: false, code: 'hal/paper-out' }],
    limits: ['no-printer'],
    staffCalled: false,
    memoryMib: Number,
    lastEnrolledAt: '2025-12-31T09:00:00.000Z',
    samples: { count: 200, scoreMean: 60, goodFraction: 0.75 },
  })
  await told.stop()
})

t.test('every interval, and soon after a change; nothing while offline', async t => {
  const { clock, sent, broker, told } = telemetry()
  await clock.advance(1000)
  await clock.advance(30_000)
  t.equal(sent.length, 1)
  told.soon()
  told.soon()
  await clock.advance(1000)
  t.equal(sent.length, 2, 'changes in a row are told of once')
  await clock.advance(61_000)
  t.equal(sent.length, 3)
  broker.connection = undefined
  await clock.advance(200_000)
  t.equal(sent.length, 3)
  await told.stop()
  t.equal(clock.sleeping, 0)
})

t.test('stopped while it tells: that is no fault', async t => {
  const { clock, broker, told } = telemetry()
  broker.publish = (_message: Message, signal?: AbortSignal) =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  await clock.advance(1000)
  await t.resolves(told.stop())
  t.equal(clock.sleeping, 0)
})

t.test('a Prometheus on this machine reads the same numbers; nobody from elsewhere does', async t => {
  const { clock, told } = telemetry()
  await clock.advance(1000)
  const server = await serveMetrics({ port: 0, read: () => told.now() })
  const { port } = new URL(server.url)
  const get = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status?: number; text: string }>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, headers }, async response => {
        let text = ''
        for await (const part of response.setEncoding('utf8')) text += part
        resolve({ status: response.statusCode, text })
      })
        .on('error', reject)
        .end()
    })
  const { status, text } = await get('/metrics')
  t.equal(status, 200)
  t.match(text, /^tunggal_kiosk_outbox\{what="submissions"\} 3$/m)
  t.match(text, /^tunggal_kiosk_part_up\{part="receipt",kind="receipt-printer"\} 0$/m)
  t.match(text, /^tunggal_kiosk_store_fraction\{limit="entries"\} 0.25$/m)
  t.match(text, /^tunggal_kiosk_limit\{limit="no-printer"\} 1$/m)
  for (const line of text.trimEnd().split('\n'))
    t.match(line, /^(# (HELP|TYPE) tunggal_kiosk_|tunggal_kiosk_[a-z_]+(\{.*\})? -?[0-9.e+]+$)/)
  t.equal((await get('/')).status, 404)
  t.equal((await get('/metrics', { host: 'kiosk.example' })).status, 403)
  t.equal((await get('/metrics', { origin: 'https://elsewhere.example' })).status, 403)
  await t.rejects(serveMetrics({ port: Number(port), read: () => told.now() }), { code: 'io/unreadable' })
  const broken = await serveMetrics({ port: 0, read: () => Promise.reject(new Error('no disk')) })
  const answer = await fetch(broken.url)
  t.equal(answer.status, 503)
  await broken.close()
  await server.close()
  await told.stop()
})
