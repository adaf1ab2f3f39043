/** One line of the log: names and numbers only. Never a NIK, a template or an image. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** Where a part says what it did. Passed as a parameter, never global. */
export interface Log {
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

/** JSON lines through `write`; `nowMs` stamps them. */
export function jsonLog(write: (line: string) => void, nowMs: () => number): Log {
  const line = (level: string) => (event: string, fields?: LogFields) =>
    write(`${JSON.stringify({ at: new Date(nowMs()).toISOString(), level, event, ...fields })}\n`)
  return { info: line('info'), warn: line('warn'), error: line('error') }
}

/** How bad a line is, mildest first. */
export const logLevels = ['info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

/** As `log`, without what is milder than `least` says at that moment. */
export function levelledLog(log: Log, least: () => LogLevel): Log {
  const line = (level: LogLevel) => (event: string, fields?: LogFields) => {
    if (logLevels.indexOf(level) >= logLevels.indexOf(least())) log[level](event, fields)
  }
  return { info: line('info'), warn: line('warn'), error: line('error') }
}

export const silentLog: Log = { info() {}, warn() {}, error() {} }
