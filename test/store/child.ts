import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'tsup'

/**
 * Bundles `busy-child.ts` into `folder`: started as TypeScript, every start would take as long as ten
 * kills. Returns the path to run.
 */
export async function bundleBusyChild(folder: string): Promise<string> {
  await build({
    entry: { child: join(import.meta.dirname, 'busy-child.ts') },
    outDir: folder,
    format: 'esm',
    target: 'node20',
    outExtension: () => ({ js: '.mjs' }),
    config: false,
    silent: true,
  })
  await symlink(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'))
  return join(folder, 'child.mjs')
}

export interface BusyChild {
  /** Waits until it says something that matches, from the last time on; returns that. Rejects where it ends before. */
  hears(what: RegExp): Promise<string>
  /** SIGKILL. Returns everything that it said. */
  kill(): Promise<string>
}

/** Starts it on `data`, to be watched; its errors go to our own. */
export function startBusyChild(
  script: string,
  options: { data: string; people: number; env?: Record<string, string> },
): BusyChild {
  const child = spawn(process.execPath, [script, options.data, String(options.people)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '', ...options.env },
  })
  let output = ''
  let heard = 0
  child.stdout.setEncoding('utf8').on('data', chunk => {
    output += chunk
  })
  const closed = once(child, 'close')
  return {
    async hears(what) {
      heard = output.length
      for (;;) {
        const match = what.exec(output.slice(heard))
        if (match) return match[0]
        const isOver = await Promise.race([
          closed.then(() => true),
          once(child.stdout, 'data').then(() => false),
        ])
        if (isOver) throw new Error(`it ended without saying ${what}`)
      }
    },
    async kill() {
      child.kill('SIGKILL')
      await closed
      return output
    },
  }
}

/**
 * Runs it on `data` until SIGKILL: `lifeMs` after its first word and its first `turns` settlements, however long those
 * take on this machine, or once it has `said` enough. Returns what it said; its errors go to our own. `people` moves it
 * to other persons than the runs before.
 */
export async function runUntilKilled(
  script: string,
  options: {
    data: string
    people: number
    lifeMs: number
    turns?: number
    said?: (output: string) => boolean
    env?: Record<string, string>
  },
): Promise<string> {
  const { turns = 0 } = options
  const child: ChildProcess = spawn(process.execPath, [script, options.data, String(options.people)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '', ...options.env },
  })
  let output = ''
  child.stdout?.setEncoding('utf8')
  const until = (isSo: () => boolean | undefined) =>
    new Promise<void>(resolve => child.stdout?.on('data', () => isSo() && resolve()))
  child.stdout?.on('data', chunk => {
    output += chunk
  })
  const turned = until(() => output.split('\nsettled').length > turns)
  const enough = until(() => options.said?.(output))
  const closed = once(child, 'close')
  await Promise.race([turned, closed])
  await Promise.race([sleep(options.lifeMs, undefined, { ref: false }), enough, closed])
  child.kill('SIGKILL')
  await closed
  return output
}
