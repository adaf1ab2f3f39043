import { overDefaults } from '../settings/overlay.ts'
import type { Settings } from '../settings/settings.ts'
import type { ServiceView } from '../ui/operations.ts'

const RECORD_ID = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g
const NIK_LIKE = /(?<!\d)\d{16}(?!\d)/g
const MIB = 1024 * 1024

export interface DiagnosticsParts {
  readonly madeAt: string
  readonly view: ServiceView
  readonly settings: Settings
  /** JSON lines. */
  readonly log: readonly string[]
  readonly uptimeSeconds: number
  readonly memoryBytes: number
}

/**
 * What a technician takes along to somebody who knows more: how the kiosk is, how it is set, what it logged. JSON.
 * Nothing of a citizen is in any of that; what would name a record is left out once more, since this leaves the house.
 */
export function diagnosticsText(parts: DiagnosticsParts): string {
  const { madeAt, view, settings, log, uptimeSeconds, memoryBytes } = parts
  const { setAside, ...rest } = view
  const text = JSON.stringify(
    {
      madeAt,
      uptimeSeconds,
      memoryMib: Math.round(memoryBytes / MIB),
      ...rest,
      setAside: setAside.map(({ sequence, reason }) => ({ sequence, reason })),
      settings: overDefaults(settings),
      log: log.map(line => JSON.parse(line)),
    },
    undefined,
    1,
  )
  return `${text.replace(RECORD_ID, '(record)').replace(NIK_LIKE, '(16 digits)')}\n`
}

/** Sorts by time, says where it is from, and is a name that every file system takes. */
export function diagnosticsName(kiosk: string, madeAt: string): string {
  return `tunggal-${kiosk}-${madeAt.slice(0, 19).replace(/[-:]/g, '')}Z.json`
}
