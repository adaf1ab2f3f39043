import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildImage } from '../../firmware/image/build.ts'
import { RaspberryPi3 } from '../firmware/raspberry-pi-3.ts'
import type { Soak } from '../soak.ts'

const EPOCH_S = Date.UTC(2026, 0, 1) / 1000
/** QEMU reads a card at one MiB a second. */
const SYSTEM_MS = 1_800_000
const SCRIPT_MS = 300_000

/**
 * The card of a Raspberry Pi 4 as far as QEMU has one: its U-Boot starts the slot at every start, systemd comes up on it, and
 * what that writes among U-Boot's variables is there at the next start. No runtime: the board's parts are not there.
 */
export const raspberryPi: Soak = async ({ print, progress }) => {
  const work = await mkdtemp(join(tmpdir(), 'tunggal-soak-'))
  const card = join(work, 'card.img')
  let board: RaspberryPi3 | undefined
  try {
    await buildImage({
      variant: 'raspberry-pi-4',
      version: '1.0.0',
      output: card,
      epochS: EPOCH_S,
      say: progress,
    })
    board = await RaspberryPi3.withCard(card, work)
    progress('first start')
    board.plugIn()
    await board.until(variables => variables.get('BOOT_A_LEFT') === '2', SCRIPT_MS)
    await board.until(variables => /^[0-9a-f]{32}$/.test(variables.get('machine_id') ?? ''), SYSTEM_MS)
    print({ held: 'the slot came up, and told U-Boot the id of this machine' })
    await board.pull()
    const log = await board.log()
    assert.match(log, /i2c \/dev entries driver/, 'there are I2C buses for programs')
    assert.doesNotMatch(log, /Unknown symbol/, 'every module of the kernel has what it wants')
    const before = await board.slotVariables()
    progress('second start')
    board.plugIn()
    await board.until(variables => variables.get('BOOT_A_LEFT') === '1', SCRIPT_MS)
    const after = await board.slotVariables()
    assert.equal(after.get('machine_id'), before.get('machine_id'), 'it is the same machine')
    print({ held: 'U-Boot starts it again' })
    return true
  } finally {
    await board?.pull()
    await rm(work, { recursive: true, force: true })
  }
}
