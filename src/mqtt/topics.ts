/** Topic names, version 1 (docs: DESIGN § 4.3). */
const ROOT = 'tunggal/1'
const KIOSK_ID = /^[a-z0-9-]{4,36}$/

export const kioskTopicNames = [
  'submission',
  'record',
  'receipt',
  'outcome',
  'gallery',
  'print',
  'query',
  'state',
  'telemetry',
  'config/desired',
  'config/reported',
  'update/desired',
  'update/reported',
  'command',
  'command/answer',
] as const
export type KioskTopicName = (typeof kioskTopicNames)[number]

export function isKioskId(kiosk: string): boolean {
  return KIOSK_ID.test(kiosk)
}

export function kioskTopic(kiosk: string, name: KioskTopicName): string {
  return `${ROOT}/kiosk/${kiosk}/${name}`
}

/** Every kiosk's topic of that name; a subscription filter. */
export function anyKioskFilter(name: KioskTopicName): string {
  return `${ROOT}/kiosk/+/${name}`
}

export function abisStatusTopic(abis: string): string {
  return `${ROOT}/abis/${abis}/status`
}

/** Every ABIS's status; a subscription filter. */
export const anyAbisStatusFilter = `${ROOT}/abis/+/status`

/** The kiosk and name of a kiosk topic; undefined where the topic is none. */
export function parseKioskTopic(topic: string): { kiosk: string; name: KioskTopicName } | undefined {
  const [tunggal, version, kind, kiosk, ...rest] = topic.split('/')
  const name = rest.join('/')
  if (`${tunggal}/${version}` !== ROOT || kind !== 'kiosk') return undefined
  if (kiosk === undefined || !KIOSK_ID.test(kiosk)) return undefined
  if (!kioskTopicNames.includes(name as KioskTopicName)) return undefined
  return { kiosk, name: name as KioskTopicName }
}
