import { jsonLog, type Log, type LogLevel, logLevels } from './log.ts'

export interface RecentLog extends Log {
  /** The last lines, oldest first, as JSON. */
  lines(): readonly string[]
}

/** As `log`, and holds the last `linesMax` lines for whoever asks what happened. */
export function recentLog(
  log: Log,
  { nowMs, linesMax }: { readonly nowMs: () => number; readonly linesMax: number },
): RecentLog {
  const lines: string[] = []
  const kept = jsonLog(line => {
    lines.push(line.trimEnd())
    if (lines.length > linesMax) lines.shift()
  }, nowMs)
  const both = (level: LogLevel): Log[LogLevel] => {
    return (event, fields) => {
      kept[level](event, fields)
      log[level](event, fields)
    }
  }
  const [info, warn, error] = logLevels.map(both)
  return { info, warn, error, lines: () => [...lines] }
}
