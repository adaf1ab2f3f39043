import { FREED_MEMORY_ENVIRONMENT } from '../../src/base/freed-memory.ts'

/** How `firmware/units/tunggal.service` starts Node: its words, and what it finds in its environment. */
export const asUnit = {
  words: ['--max-semi-space-size=1'],
  env: { ...process.env, ...FREED_MEMORY_ENVIRONMENT, NODE_ENV: 'production', NODE_OPTIONS: '' },
} as const
