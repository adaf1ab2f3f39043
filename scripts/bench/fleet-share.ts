import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock as clock } from '../../src/base/clock.ts'
import { initDemoKeys, issueKiosk } from '../../src/keys/make-keys.ts'
import { startPlainMosquitto } from '../../test/mqtt/plain-mosquitto.ts'
import { bundle } from '../../test/support/bundle.ts'
import type { BenchContext } from '../bench.ts'
import { Generators } from '../fleet/generators.ts'
import { IntakeWriter } from '../fleet/intake-writer.ts'
import { programFolder } from './program-folder.ts'

const KIOSKS = 20
const ENROLMENTS = 1_000
/** More than can be sealed: the generator goes as fast as it can. */
const PER_SECOND = 2_000
const WAIT_MS = 300_000

/** One writer behind one and behind two intake workers (`$share`), and behind two of which one is killed in the middle. */
export async function fleetShare(context: BenchContext): Promise<void> {
  const bin = await programFolder()
  try {
    const programs = {
      worker: bundle('scripts/fleet/intake-worker.ts', join(bin, 'worker')),
      generator: bundle('scripts/fleet/generator.ts', join(bin, 'generator')),
    }
    await run(context, programs, { workers: 1, kill: false })
    await run(context, programs, { workers: 2, kill: false })
    await run(context, programs, { workers: 2, kill: true })
  } finally {
    await rm(bin, { recursive: true })
  }
}

async function run(
  { print, progress }: BenchContext,
  programs: { readonly worker: string; readonly generator: string },
  { workers, kill }: { readonly workers: number; readonly kill: boolean },
): Promise<void> {
  const closers: (() => unknown)[] = []
  const folder = await mkdtemp(join(tmpdir(), 'tunggal-bench-'))
  closers.push(() => rm(folder, { recursive: true }))
  try {
    await initDemoKeys(folder, { clock })
    const keys = join(folder, 'keys')
    const names = Array.from({ length: KIOSKS }, (_, n) => `kiosk-${String(n).padStart(5, '0')}`)
    for (const name of names) await issueKiosk(join(keys, 'kiosk-ca'), { name, out: join(keys, name), clock })
    const teardown = (close: () => unknown) => closers.push(close)
    const { url } = await startPlainMosquitto({ teardown } as never, ['max_queued_messages 200000'])
    const writer = await IntakeWriter.open(programs.worker, join(folder, 'writer'))
    closers.push(() => writer.close())
    const running = Array.from({ length: workers }, () => writer.startWorker(url, join(keys, 'abis')))
    const generators = new Generators(programs.generator, [
      {
        names,
        ownKeys: KIOSKS,
        keys,
        data: join(folder, 'kiosks'),
        url,
        startsPerSecond: 1_000,
        firstPerson: 0,
        settings: {},
      },
    ])
    closers.push(() => generators.kill())
    const up = await generators.until(({ connected }) => connected === KIOSKS, WAIT_MS)
    const startMs = performance.now()
    generators.enrol(PER_SECOND, ENROLMENTS)
    if (kill) {
      await generators.until(() => writer.held >= ENROLMENTS / 4, WAIT_MS)
      await writer.kill(running[0])
    }
    const done = await generators.until(
      ({ printReady, waiting }) => printReady >= ENROLMENTS && waiting === 0,
      WAIT_MS,
      ({ printReady }) => progress(`${workers} workers: ${printReady} of ${ENROLMENTS}`),
    )
    const state = done ?? (await generators.state())
    const seconds = (performance.now() - startMs) / 1000
    print({
      workers,
      killed: kill ? 1 : 0,
      enrolled: state.enrolled,
      held: await writer.count(),
      copies: writer.arrivals - writer.held,
      withOutcome: state.printReady,
      perSecond: Math.round(state.printReady / seconds),
      generatorCpuSeconds: Math.round(10 * (state.cpuSeconds - (up?.cpuSeconds ?? 0))) / 10,
      workerCpuSeconds: Math.round(10 * writer.workerCpuSeconds) / 10,
      seconds: Math.round(10 * seconds) / 10,
    })
  } finally {
    for (const close of closers.reverse()) await close()
  }
}
