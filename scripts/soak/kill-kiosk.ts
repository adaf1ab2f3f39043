import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '../../src/finger/synthetic/random.ts'
import { killAndDrain } from '../../test/kiosk/kills.ts'
import type { Soak } from '../soak.ts'

const KILLS = 2_000
const STREAM = 0x9c09

/** SIGKILL to a whole kiosk that enrols into an ABIS (test/kiosk/killed.test.ts has 50): nothing lost, nothing doubled. */
export const killKiosk: Soak = async ({ seed, count = KILLS, print, progress }) => {
  const data = await mkdtemp(join(tmpdir(), 'tunggal-soak-'))
  const random = new Random(seed, STREAM)
  try {
    const run = await killAndDrain({
      data,
      kills: count,
      random: () => random.uniform(),
      onKill: kill => progress(`kill ${kill} of ${count}`),
    })
    const { told, cutShort, alarms } = run
    for (const { kind, sequence = 0 } of run.findings) print({ seed, finding: kind, sequence })
    const figures = { lost: run.lost.length, doubled: run.doubled.length, findings: run.findings.length }
    print({ seed, kills: count, told, cutShort, alarms, ...figures })
    return told > 0 && alarms + figures.lost + figures.doubled + figures.findings === 0
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}
