import { heard, type SeenKiosk } from '../../src/fleet/seen-kiosk.ts'

export const nowMs = Date.UTC(2026, 10, 30, 12)
/** So many seconds before `nowMs`. */
export const ago = (seconds: number) => new Date(nowMs - seconds * 1000).toISOString()

export const state = {
  state: 'online',
  since: ago(3_600),
  version: '1.2.3',
  site: 'Kantor Dukcapil Kendari',
  province: '74',
  groups: ['sultra'],
}
export const telemetry = {
  at: ago(30),
  version: '1.2.3',
  uptimeSeconds: 3_600,
  outbox: { waiting: 0, events: 0, setAside: 0 },
  store: { level: 'ok', limitedBy: 'entries', fraction: 0.01, findings: 0 },
  parts: [{ name: 'sensor', kind: 'fingerprint-sensor', up: true }],
  limits: [],
  staffCalled: false,
  memoryMib: 120,
}

export const wantedImage = {
  image: '2.0.0',
  compatible: 'tunggal-virt',
  url: 'https://images.example/v2.raucb',
  sha256: '0'.repeat(64),
  bytes: 1_000,
  expiresAt: '2099-01-01T00:00:00.000Z',
}

/** What is known of a kiosk that said this. */
export function kioskThatSaid(
  kiosk: string,
  words: { readonly state?: object; readonly telemetry?: object; readonly 'config/reported'?: object },
): SeenKiosk {
  return Object.entries(words).reduce<SeenKiosk>(
    (seen, [name, body]) => heard(seen, name as keyof typeof words, Buffer.from(JSON.stringify(body))),
    { kiosk },
  )
}
