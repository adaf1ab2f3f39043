import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../test/support/until.ts'
import { firmwareWorld, WAIT_MS } from '../firmware/world.ts'
import type { Soak } from '../soak.ts'

/** What would lead off the page, or off the display, on another computer; by QEMU's names. */
const COMBINATIONS = [
  'alt f4',
  'ctrl w',
  'ctrl shift w',
  'ctrl q',
  'ctrl t',
  'ctrl n',
  'ctrl l',
  'ctrl p',
  'ctrl shift i',
  'ctrl r',
  'alt left',
  'alt tab',
  'alt esc',
  'meta_l',
  'menu',
  'shift f10',
  'f1',
  'f5',
  'f11',
  'f12',
  'esc',
  'ctrl alt f2',
  'ctrl alt f7',
  'ctrl alt delete',
  'ctrl alt backspace',
  'alt sysrq b',
] as const
/** Proportional share of every process of the screen, KiB a line. */
const PSS =
  "for p in $(cat /sys/fs/cgroup/system.slice/tunggal-screen.service/cgroup.procs); do sed -n 's/^Pss: *\\([0-9]*\\).*/\\1/p' /proc/$p/smaps_rollup; done"
const SCREEN = 'systemctl show -P MainPID -P NRestarts tunggal-screen'
const KIB_A_MIB = 1024

/**
 * A card with a display and a keyboard: the page comes up by itself, keys reach it, none leads off it, and a version
 * whose page is blank is left. A picture of the display is kept in the present folder (`screen.png`).
 */
export const screen: Soak = async ({ print, progress }) => {
  const work = await mkdtemp(join(tmpdir(), 'tunggal-soak-'))
  const world = await firmwareWorld(work, { fingers: 2, hasDisplay: true })
  const { kiosk, centre } = world
  const hasLogged = (text: string) => kiosk.says(`journalctl -b -u tunggal --no-pager | grep -q '${text}'`)
  try {
    progress('image, card, claim')
    await world.makeCard()
    await world.claim()
    await until(() => hasLogged('screen-lit'), WAIT_MS)
    await kiosk.running.photograph('screen.png')
    const pss = (await kiosk.running.must(PSS)).trim().split('\n').map(Number)
    const mib = Math.round(pss.reduce((sum, kib) => sum + kib, 0) / KIB_A_MIB)
    print({ held: 'the page is on the screen', screenMib: mib, processes: pss.length })

    const before = await kiosk.running.must(SCREEN)
    for (const keys of COMBINATIONS) {
      progress(keys)
      await kiosk.running.press(...keys.split(' '))
    }
    await kiosk.running.press('tab')
    await kiosk.running.press('ret')
    await until(() => hasLogged('identify'), WAIT_MS)
    assert.equal(await kiosk.running.must(SCREEN), before, 'it is the same browser')
    print({ held: 'keys reach the page, and none leads off it', combinations: COMBINATIONS.length })

    const bundle = await world.bundleOf('5.0.0', { '/opt/tunggal/dist/page/page.js': '' })
    const wish = await centre.want(bundle)
    await world.reported(({ version, state }) => version === wish && state === 'rolled-back')
    const report = world.last()
    assert.equal(report?.running, '1.0.0')
    assert.deepEqual(
      report?.errors.map(({ code, where }) => `${code} ${where}`),
      ['update/unwell screen'],
    )
    print({ held: 'a version whose page is blank is left' })
    return true
  } finally {
    await world.close()
    await rm(work, { recursive: true, force: true })
  }
}
