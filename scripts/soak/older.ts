import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { someNik } from '../demo-citizen.ts'
import { type FirmwareWorld, firmwareWorld } from '../firmware/world.ts'
import type { Soak } from '../soak.ts'

const FINGERS = 2
const DONE = 'PRINT_READY_RECORD'
const run = promisify(execFile)

/**
 * A card of an older revision (`--from`), made by its own commands, and today's image as its next version: first one
 * that cannot reach its broker, so that the older software goes on with what the newer one wrote, then one that stays.
 */
export const older: Soak = async ({ from, print, progress }) => {
  assert(from !== undefined, 'which revision: --from REVISION')
  const work = await mkdtemp(join(tmpdir(), 'tunggal-soak-'))
  const sources = join(work, 'older')
  try {
    const { stdout } = await run('git', ['rev-parse', '--short', from])
    progress(`building ${from}`)
    await run('git', ['worktree', 'add', '--detach', sources, from])
    await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: sources })
    await run('npm', ['run', '--silent', 'build'], { cwd: sources })
    print({ older: stdout.trim() })
    const world = await firmwareWorld(work, {
      fingers: FINGERS,
      tunggal: join(sources, 'dist/tunggal.js'),
    })
    try {
      await outlives(world, join(work, 'today.img'), { print, progress })
    } finally {
      await world.close()
    }
    return true
  } finally {
    await run('git', ['worktree', 'remove', '--force', sources]).catch(() => {})
    await rm(work, { recursive: true, force: true })
  }
}

async function outlives(
  world: FirmwareWorld,
  today: string,
  { print, progress }: Pick<Parameters<Soak>[0], 'print' | 'progress'>,
): Promise<void> {
  const { kiosk, centre, bundleOf, reported, last } = world
  const enrol = async (seed: number) => {
    assert.match(await kiosk.enrol(someNik(), seed, FINGERS), new RegExp(DONE))
    const statuses = [...(await kiosk.records()).values()]
    assert(statuses.every(status => status === DONE))
    print({ held: 'a citizen is enrolled', version: await kiosk.version(), records: statuses.length })
  }
  progress('image, card, claim')
  await world.makeCard()
  await world.claim()
  await enrol(1)
  progress("today's image, cut off")
  await world.buildToday(today)
  const cutOff = { '/etc/systemd/network/20-wired.network': '[Match]\nName=none\n' }
  const left = await centre.want(await bundleOf('2.0.0', cutOff, { of: today }))
  await reported(({ version, state }) => version === left && state === 'rolled-back')
  assert.equal(last()?.running, '1.0.0')
  print({ held: 'a version that cannot reach its broker is left', code: last()?.errors[0]?.code ?? '' })
  await enrol(2)
  progress("today's image")
  const kept = await centre.want(await bundleOf('3.0.0', {}, { of: today }))
  await reported(({ version, state, running, pending }) => {
    return version === kept && state === 'applied' && running === '3.0.0' && pending === undefined
  })
  await enrol(3)
  assert.equal((await kiosk.records()).size, 3)
}
