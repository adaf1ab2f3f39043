import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * The environment of a process whose C library (glibc 2.36) overwrites every piece of memory that it gets back, also
 * the small ones that it would else keep at hand as they are. It has to be there when the process begins.
 */
export const OVERWRITES_FREED_MEMORY = {
  GLIBC_TUNABLES: 'glibc.malloc.perturb=165:glibc.malloc.tcache_count=0',
} as const

/**
 * From now on V8 overwrites what it frees. Returns a call that frees all that nobody needs any more.
 *
 * Buffers are wiped where they are used, but strings cannot be: a template in base64, on its way into a sealed
 * submission, would lie in the heap until something else happens to be written there. What is freed outside V8's heap
 * is the C library's, which is told by `OVERWRITES_FREED_MEMORY`.
 */
export function clearFreedMemory(): () => void {
  setFlagsFromString('--clear-free-memory')
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
