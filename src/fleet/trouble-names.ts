/** What can be wrong with a kiosk; what keeps citizens away first. */
export const troubleNames = [
  'offline',
  'maintenance',
  'silent',
  'screen-dark',
  'part-down',
  'store-filling',
  'store-findings',
  'set-aside',
  'outbox-old',
  'staff-called',
  'housing-open',
  'config-not-running',
  'config-refused',
  'certificate-lapses',
  'poor-samples',
  'gallery-too-large',
] as const
export type TroubleName = (typeof troubleNames)[number]
