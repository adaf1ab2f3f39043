import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SoakContext } from '../soak.ts'
import { type FirmwareWorld, firmwareWorld, type WorldOptions } from './world.ts'

export type Part = (world: FirmwareWorld, work: string, context: SoakContext) => Promise<void>
/** By the name for `--sets`. */
export type Parts = Readonly<Record<string, readonly [name: string, prove: Part]>>

/**
 * What is to be shown on a kiosk of `world.ts`, part by part on the same card, or those that `context.sets` names.
 * Resolves to whether everything held.
 */
export async function proveParts(
  parts: Parts,
  context: SoakContext,
  options: WorldOptions,
  claimed: (world: FirmwareWorld) => Promise<void> = async () => {},
): Promise<boolean> {
  const wanted = (context.sets ?? Object.keys(parts)).map(set => {
    assert(Object.hasOwn(parts, set), `${set} is none of ${Object.keys(parts)}`)
    return parts[set]
  })
  const work = await mkdtemp(join(tmpdir(), 'tunggal-soak-'))
  const world = await firmwareWorld(work, options)
  const { print, progress } = context
  try {
    progress('image, card, claim')
    await world.makeCard()
    await world.claim()
    await claimed(world)
    let held = true
    for (const [name, prove] of wanted) {
      progress(name)
      const startMs = performance.now()
      const why = await prove(world, work, context).catch((error: Error) => error.message)
      held &&= why === undefined
      const seconds = Math.round((performance.now() - startMs) / 1000)
      print(why === undefined ? { held: name, seconds } : { failed: name, seconds, why })
    }
    return held
  } finally {
    await world.close()
    await rm(work, { recursive: true, force: true })
  }
}
