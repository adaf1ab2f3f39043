/**
 * Opens a store that is there already, as after any start, and says in one JSON line what that took: a
 * process of its own, as one that has filled the store has memory of that.
 */
import { openBenchStore } from './bench-store.ts'

const startMs = performance.now()
const store = await openBenchStore(process.argv[2])
const openAndAuditMs = Math.round(performance.now() - startMs)
const rssMiB = Math.round(process.memoryUsage.rss() / 2 ** 20)
const peekStartMs = performance.now()
await store.outbox.peek(64)
const peek64Ms = Number((performance.now() - peekStartMs).toFixed(1))
const findings = store.auditFindings.length
console.log(JSON.stringify({ waiting: store.outbox.count, findings, openAndAuditMs, peek64Ms, rssMiB }))
await store.close()
