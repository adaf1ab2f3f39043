import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * The environment of a process whose C library (glibc 2.36) overwrites every piece of memory that it gets back, also
 * the small ones that it would else keep at hand as they are, and gives the large ones back to the system. Left to
 * itself it keeps a heap for each thread, and what one visit took: an idle kiosk had 112 MiB in place of 101. It has
 * to be there when the process begins.
 */
export const FREED_MEMORY_ENVIRONMENT = {
  GLIBC_TUNABLES: [
    'perturb=165',
    'tcache_count=0',
    'arena_max=2',
    // As glibc begins with; set, they no longer grow with what was freed.
    'trim_threshold=131072',
    'mmap_threshold=131072',
  ]
    .map(tunable => `glibc.malloc.${tunable}`)
    .join(':'),
} as const

/**
 * From now on V8 overwrites what it frees. Returns a call that frees all that nobody needs any more.
 *
 * Buffers are wiped where they are used, but strings cannot be: a template in base64, on its way into a sealed
 * submission, would lie in the heap until something else happens to be written there. What is freed outside V8's heap
 * is the C library's, which is told by `FREED_MEMORY_ENVIRONMENT`.
 */
export function clearFreedMemory(): () => void {
  setFlagsFromString('--clear-free-memory')
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
