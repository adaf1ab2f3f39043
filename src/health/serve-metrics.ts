/**
 * How a kiosk is, in numbers, for a Prometheus on this machine (`GET /metrics`). The same that telemetry tells: counts,
 * names of parts and codes, nothing about a citizen.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KioskError } from '../base/errors.ts'
import { finish, isOwnPage, LOOPBACK, loopbackOrigins, pageHeaders } from '../base/page-http.ts'
import { gauge, METRICS_TYPE, type MetricSample } from '../base/prometheus.ts'
import type { TelemetryBody } from './telemetry.ts'

const CONNECTIONS_MAX = 4
const REQUEST_TIMEOUT_MS = 5_000

export interface MetricsServer {
  readonly url: string
  close(): Promise<void>
}

/** `port` 0: any free one. Rejects with `io/unreadable` where it is taken. */
export async function serveMetrics({
  port: wanted,
  read,
}: {
  readonly port: number
  read(): Promise<TelemetryBody>
}): Promise<MetricsServer> {
  let origins: readonly string[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (!isOwnPage(request, origins)) return finish(response, 403)
    if (request.method !== 'GET' || request.url !== '/metrics') return finish(response, 404)
    try {
      const text = kioskMetrics(await read())
      response.writeHead(200, { ...pageHeaders, 'content-type': METRICS_TYPE })
      response.end(text)
    } catch {
      // The store does not answer: no numbers are better than old ones.
      finish(response, 503)
    }
  }
  const server = createServer((request, response) => void answer(request, response))
  server.maxConnections = CONNECTIONS_MAX
  server.requestTimeout = REQUEST_TIMEOUT_MS
  server.headersTimeout = REQUEST_TIMEOUT_MS
  await new Promise<void>((resolve, reject) => {
    server.once('error', cause =>
      reject(new KioskError('io/unreadable', { what: 'metrics', port: wanted }, { cause })),
    )
    server.listen(wanted, LOOPBACK, resolve)
  })
  const { port } = server.address() as AddressInfo
  origins = loopbackOrigins(port)
  return {
    url: `http://${LOOPBACK}:${port}/metrics`,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** Pure. */
export function kioskMetrics(told: TelemetryBody): string {
  const { at, version, uptimeSeconds, outbox, store, parts, limits, samples, certificateUntil } = told
  const nowMs = Date.parse(at)
  const seconds = (time: string | undefined): MetricSample[] =>
    time === undefined ? [] : [[{}, Math.abs(nowMs - Date.parse(time)) / 1000]]
  return [
    gauge('tunggal_kiosk_info', 'Always 1; the version is a label.', [[{ version }, 1]]),
    gauge('tunggal_kiosk_uptime_seconds', 'Since the runtime was started.', [[{}, uptimeSeconds]]),
    gauge('tunggal_kiosk_outbox', 'What waits for a receipt, or was set aside.', [
      [{ what: 'submissions' }, outbox.waiting],
      [{ what: 'events' }, outbox.events],
      [{ what: 'set-aside' }, outbox.setAside],
    ]),
    gauge(
      'tunggal_kiosk_outbox_oldest_seconds',
      'How long the oldest submission has waited; 0 where none does.',
      outbox.oldestAt === undefined ? [[{}, 0]] : seconds(outbox.oldestAt),
    ),
    gauge('tunggal_kiosk_store_fraction', 'Of its nearest limit, 1 is full.', [
      [{ limit: store.limitedBy }, store.fraction],
    ]),
    gauge('tunggal_kiosk_store_findings', 'What the audit at the start found.', [[{}, store.findings]]),
    gauge(
      'tunggal_kiosk_part_up',
      'Whether a part works.',
      parts.map(({ name, kind, up }) => [{ part: name, kind }, up ? 1 : 0]),
    ),
    gauge(
      'tunggal_kiosk_limit',
      'What citizens cannot get here now, one sample each.',
      limits.map(limit => [{ limit }, 1]),
    ),
    gauge('tunggal_kiosk_memory_bytes', 'Resident memory.', [[{}, told.memoryMib * 1024 * 1024]]),
    gauge(
      'tunggal_kiosk_last_enrolment_seconds',
      'How long ago somebody was enrolled.',
      seconds(told.lastEnrolledAt),
    ),
    gauge(
      'tunggal_kiosk_samples_good_fraction',
      'Of the last samples.',
      samples === undefined ? [] : [[{}, samples.goodFraction]],
    ),
    gauge(
      'tunggal_kiosk_certificate_seconds',
      'Until its certificate ends; negative afterwards.',
      certificateUntil === undefined ? [] : [[{}, (Date.parse(certificateUntil) - nowMs) / 1000]],
    ),
  ].join('')
}
