/** `$share/<group>/<filter>`, or a plain filter. */
export function plainFilter(filter: string): string {
  return filter.startsWith('$share/') ? filter.split('/').slice(2).join('/') : filter
}

/** Whether a topic fits a filter with `+` and `#` (MQTT 5.0, 4.7). Shared filters fit as their plain ones. */
export function fits(filter: string, topic: string): boolean {
  const wanted = plainFilter(filter).split('/')
  const levels = topic.split('/')
  // 4.7.2: a wildcard at the start does not reach the broker's own topics.
  if (topic.startsWith('$') && wanted[0] !== levels[0]) return false
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true
    if (index >= levels.length || (level !== '+' && level !== levels[index])) return false
  }
  return wanted.length === levels.length
}
