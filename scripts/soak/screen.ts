import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { until } from '../../test/support/until.ts'
import { type FirmwareWorld, firmwareWorld, WAIT_MS } from '../firmware/world.ts'
import type { Soak, SoakContext } from '../soak.ts'

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
const PICTURE = resolve('screen.png')
/** A display of one colour makes some 2 kB. */
const PICTURE_BYTES_MIN = 10_000
const KIB_A_MIB = 1024
const run = promisify(execFile)

/** One number after the other, with nothing to wait for: how fast a processor is. */
const LOOP =
  'const startMs = performance.now(); let x = 1; for (let i = 0; i < 3e8; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0; console.log(Math.round(performance.now() - startMs), x)'

/**
 * A card with a display and a keyboard: the page comes up by itself, keys reach it, none leads off it, and a version
 * whose page is blank is left. A picture of the display is kept in the present folder (`screen.png`).
 */
export const screen: Soak = async context => {
  const work = await mkdtemp(join(tmpdir(), 'tunggal-soak-'))
  const world = await firmwareWorld(work, { fingers: 2, hasDisplay: true })
  const { print, progress } = context
  try {
    progress('image, card, claim')
    await world.makeCard()
    await world.claim()
    await until(() => hasLogged(world, 'screen-lit'), WAIT_MS)
    let held = true
    for (const [name, prove] of Object.entries(parts)) {
      progress(name)
      const why = await prove(world, context).catch((error: Error) => error.message)
      held &&= why === undefined
      print(why === undefined ? { held: name } : { failed: name, why })
    }
    return held
  } finally {
    await world.close()
    await rm(work, { recursive: true, force: true })
  }
}

const parts: Record<string, (world: FirmwareWorld, context: SoakContext) => Promise<void>> = {
  'the page is on the screen': pictured,
  'it is there after every start': started,
  'keys reach the page, and none leads off it': keysStay,
  'a version whose page is blank is left': blankPage,
}

const hasLogged = ({ kiosk }: FirmwareWorld, text: string) =>
  kiosk.says(`journalctl -b -u tunggal --no-pager | grep -q '${text}'`)

async function pictured({ kiosk }: FirmwareWorld, { print }: SoakContext): Promise<void> {
  // Drawn by a slow processor, the picture comes after the page's word.
  const isSeen = async () => {
    await kiosk.running.photograph(PICTURE)
    return (await stat(PICTURE)).size > PICTURE_BYTES_MIN
  }
  await until(isSeen, WAIT_MS)
  const pss = (await kiosk.running.must(PSS)).trim().split('\n').map(Number)
  const screenMib = Math.round(pss.reduce((sum, kib) => sum + kib, 0) / KIB_A_MIB)
  print({ screenMib, processes: pss.length })
}

/** Not the first start, which makes keys and lets the data grow. */
async function started(world: FirmwareWorld, { print }: SoakContext): Promise<void> {
  const { kiosk } = world
  await kiosk.running.must('sync')
  await kiosk.pull()
  await kiosk.plugIn()
  await until(() => hasLogged(world, 'screen-lit'), WAIT_MS)
  const line = await kiosk.running.must(
    'journalctl -b -u tunggal -o short-monotonic --no-pager | grep -m1 screen-lit',
  )
  const litS = Number(/\[ *([\d.]+)\]/.exec(line)?.[1])
  await kiosk.running.run('systemctl is-system-running --wait', WAIT_MS)
  const chain = await kiosk.running.must('systemd-analyze critical-chain --no-pager tunggal-screen.service')
  const [boardLoopMs] = (await kiosk.running.must(`node -e '${LOOP}'`)).split(' ').map(Number)
  const [hostLoopMs] = (await run('node', ['-e', LOOP])).stdout.split(' ').map(Number)
  print({ kernelToPageS: litS, boardLoopMs, hostLoopMs })
  print({ chain })
}

async function keysStay(world: FirmwareWorld, { print, progress }: SoakContext): Promise<void> {
  const { kiosk } = world
  const before = await kiosk.running.must(SCREEN)
  for (const keys of COMBINATIONS) {
    progress(keys)
    await kiosk.running.press(...keys.split(' '))
  }
  await kiosk.running.press('tab')
  await kiosk.running.press('ret')
  await until(() => hasLogged(world, 'identify'), WAIT_MS)
  assert.equal(await kiosk.running.must(SCREEN), before, 'it is the same browser')
  print({ combinations: COMBINATIONS.length })
}

async function blankPage({ centre, bundleOf, reported, last }: FirmwareWorld): Promise<void> {
  const wish = await centre.want(await bundleOf('5.0.0', { '/opt/tunggal/dist/page/page.js': '' }))
  await reported(({ version, state }) => version === wish && state === 'rolled-back')
  const report = last()
  assert.equal(report?.running, '1.0.0')
  assert.deepEqual(
    report?.errors.map(({ code, where }) => `${code} ${where}`),
    ['update/unwell screen'],
  )
}
