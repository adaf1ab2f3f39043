import type { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import { compileFunction } from 'node:vm'
import { KioskError } from '../../../src/base/errors.ts'
import type { ComponentTimers } from './timers.ts'

/** As much of johnny-five as we touch: a board, and components that are made with it. */
export interface JohnnyFive {
  readonly Board: new (options: {
    io: EventEmitter
    repl: false
    debug: false
    sigint: false
  }) => EventEmitter
  readonly [component: string]: unknown
}

interface Module {
  exports: unknown
}

const PARAMETERS = [
  'exports',
  'require',
  'module',
  '__filename',
  '__dirname',
  'setTimeout',
  'setInterval',
  'clearTimeout',
  'clearInterval',
] as const

/**
 * A copy of johnny-five of its own for whoever asks, on timers of its own.
 *
 * It keeps its boards, its drivers and the addresses of its expanders in variables of its modules and never forgets
 * them, and some of its components start timers that nothing stops: a part that comes back could not be opened
 * again, and each time would cost memory. A copy goes with the component it was loaded for. So its modules are not
 * left to Node's loader but run here, which takes some 30 ms; what they need of other packages is Node's.
 *
 * Its serial port and Firmata are loaded only by boards without an IO plugin, which ours never are.
 */
export function loadJohnnyFive(timers: ComponentTimers): JohnnyFive {
  const require = createRequire(import.meta.url)
  try {
    const main = require.resolve('johnny-five')
    const home = dirname(main) + sep
    const modules = new Map<string, Module>()
    const load = (path: string): unknown => {
      const known = modules.get(path)
      if (known !== undefined) return known.exports
      const module: Module = { exports: {} }
      modules.set(path, module)
      const itsRequire = createRequire(path)
      const requireFor = (name: string): unknown => {
        const target = itsRequire.resolve(name)
        return target.startsWith(home) ? load(target) : itsRequire(name)
      }
      const { setTimeout, setInterval, clear } = timers
      const values = [
        module.exports,
        requireFor,
        module,
        path,
        dirname(path),
        setTimeout,
        setInterval,
        clear,
        clear,
      ]
      compileFunction(readFileSync(path, 'utf8'), [...PARAMETERS], { filename: path }).apply(
        module.exports,
        values,
      )
      return module.exports
    }
    return load(main) as JohnnyFive
  } catch (cause) {
    throw new KioskError(
      'hal/not-installed',
      { package: 'johnny-five', remedy: 'npm install johnny-five' },
      { cause },
    )
  }
}
