import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { systemClock } from '../../src/base/clock.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { writeCitizen } from '../../test/support/finger-images.ts'
import type { BenchContext } from '../bench.ts'
import { startEmbeddedBroker } from '../embedded-broker.ts'
import { asUnit } from './as-unit.ts'

const SETTLE_MS = 15_000
const IDLE_MS = 60_000
/** As `getconf CLK_TCK` has it on every Linux that Node runs on. */
const TICKS_A_SECOND = 100
const NIK = '3171011708850001'

/**
 * What a kiosk takes that nobody stands at: the built program, started as its unit starts it, with the simulated board
 * and connected to its broker; before its first visit and after one.
 */
export async function measureIdle(
  folder: string,
  print: BenchContext['print'],
  progress: BenchContext['progress'],
): Promise<void> {
  const root = join(import.meta.dirname, '../..')
  const run = promisify(execFile)
  await run(join(root, 'scripts/build'))
  await initDemoKeys(folder, { clock: systemClock })
  const broker = await startEmbeddedBroker()
  const program = join(root, 'dist/tunggal.js')
  const options = ['--data', folder, '--broker', broker.url]
  const kiosk = spawn(process.execPath, [...asUnit.words, program, 'run', ...options], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: asUnit.env,
  })
  const exited = once(kiosk, 'exit')
  try {
    await Promise.race([once(kiosk.stdout, 'data'), exited])
    progress('a kiosk idles before its first visit')
    print({ bench: 'idle', visits: 0, ...(await watch(kiosk.pid)) })
    const images = await writeCitizen(join(folder, 'images'), 7)
    await run(process.execPath, [program, 'enrol', '--images', images, '--nik', NIK, ...options])
    progress('a kiosk idles after a visit')
    print({ bench: 'idle', visits: 1, ...(await watch(kiosk.pid)) })
  } finally {
    kiosk.kill()
    await exited
    await broker.stop()
  }
}

/** Of a process that is left alone for a while. */
async function watch(pid: number | undefined): Promise<{ rssMiB: number; cpuPercent: number }> {
  await setTimeout(SETTLE_MS)
  const beforeTicks = await cpuTicks(pid)
  await setTimeout(IDLE_MS)
  const cpuMs = (((await cpuTicks(pid)) - beforeTicks) * 1_000) / TICKS_A_SECOND
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const rssKiB = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1])
  return { rssMiB: Math.round(rssKiB / 1024), cpuPercent: Number(((100 * cpuMs) / IDLE_MS).toFixed(2)) }
}

/** User and system time of all threads: the 14th and 15th word of `/proc/PID/stat`, its name being the second. */
async function cpuTicks(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(words[11]) + Number(words[12])
}
