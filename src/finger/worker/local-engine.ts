import { compare } from '../compare/compare.ts'
import type { Engine } from '../engine.ts'
import { extract } from '../template/extract.ts'

/** The engine on the caller's own thread: for commands and for the ABIS, where nobody watches a page. */
export const localEngine: Engine = {
  sample: async frame => extract(frame),
  compare: async (a, b) => compare(a, b),
}
