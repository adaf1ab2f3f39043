import { strict as assert } from 'node:assert'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { until } from '../../test/support/until.ts'
import { type Parts, proveParts } from '../firmware/prove-parts.ts'
import { type FirmwareWorld, WAIT_MS } from '../firmware/world.ts'
import type { Soak, SoakContext } from '../soak.ts'

/** As below; without their Alt they move the focus, and end on the first button. */
const MOVES = ['alt left', 'alt tab'] as const
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
  'alt esc',
  'meta_l',
  'menu',
  'shift f10',
  'f1',
  'shift f1',
  'f5',
  'f11',
  'f12',
  'ac_home',
  'ac_back',
  'ac_refresh',
  'mail',
  'help',
  'esc',
  'ctrl alt f2',
  'ctrl alt f7',
  'ctrl alt delete',
  'ctrl alt backspace',
  'alt sysrq b',
] as const
/** An emulated processor takes that long over another window. */
const WINDOW_MS = 45_000
/** Proportional share of every process of the screen, KiB a line. */
const PSS =
  "for p in $(cat /sys/fs/cgroup/system.slice/tunggal-screen.service/cgroup.procs); do sed -n 's/^Pss: *\\([0-9]*\\).*/\\1/p' /proc/$p/smaps_rollup; done"
const SCREEN = 'systemctl show -P MainPID -P NRestarts tunggal-screen'
/** Sectors of 512 bytes that were read from the card: the sixth field (kernel: Documentation/admin-guide/iostats.rst). */
const SECTORS_READ = 'awk \'$3 == "vda" { print $6 }\' /proc/diskstats'
const SECTORS_A_MIB = 2048
/** A card of the class A1 reads 1,500 times a second; the board's bus for cards brings some 45 MB/s. */
const CARD = { bytesPerS: 45e6, requestsPerS: 1_500 } as const
const PICTURE = resolve('screen.png')
/** A display of one colour makes some 2 kB. */
const PICTURE_BYTES_MIN = 10_000
const KIB_A_MIB = 1024
const ANALYSIS_MS = 300_000
/** Each look is work that is counted. */
const LOOK_MS = 20_000

/**
 * A card with a display and a keyboard: the page comes up by itself, keys reach it, none leads off it, and a version
 * whose page is blank is left. A picture of the display is kept in the present folder (`screen.png`).
 */
export const screen: Soak = context =>
  proveParts(parts, context, { fingers: 2, hasDisplay: true }, world =>
    until(() => hasLogged(world, 'screen-lit'), WAIT_MS),
  )

const parts: Parts = {
  page: ['the page is on the screen', pictured],
  start: ['it is there after every start', started],
  keys: ['keys reach the page, and none leads off it', keysStay],
  blank: ['a version whose page is blank is left', blankPage],
}

const hasLogged = ({ kiosk }: FirmwareWorld, text: string) =>
  kiosk.says(`journalctl -b -u tunggal --no-pager | grep -q '${text}'`)

async function picture({ kiosk }: FirmwareWorld): Promise<Buffer> {
  await kiosk.running.photograph(PICTURE)
  return readFile(PICTURE)
}

async function pictured(world: FirmwareWorld, _work: string, { print }: SoakContext): Promise<void> {
  const { kiosk } = world
  // Drawn by a slow processor, the picture comes after the page's word.
  await until(async () => (await picture(world)).length > PICTURE_BYTES_MIN, WAIT_MS)
  const pss = (await kiosk.running.must(PSS)).trim().split('\n').map(Number)
  const screenMib = Math.round(pss.reduce((sum, kib) => sum + kib, 0) / KIB_A_MIB)
  print({ screenMib, processes: pss.length })
}

/**
 * Not the first start, which makes keys and lets the data grow. Counted: seconds of one processor that does 10^9
 * instructions in each, with a card as slow as a real one.
 */
async function started(world: FirmwareWorld, _work: string, { print }: SoakContext): Promise<void> {
  const { kiosk } = world
  await kiosk.running.must('sync')
  await kiosk.pull()
  await kiosk.limitReads(CARD)
  await kiosk.plugIn({ isCounted: true })
  const endMs = performance.now() + WAIT_MS
  while (!(await hasLogged(world, 'screen-lit'))) {
    assert(performance.now() < endMs, 'the page is on the screen')
    await setTimeout(LOOK_MS)
  }
  const readMib = Math.round(Number(await kiosk.running.must(SECTORS_READ)) / SECTORS_A_MIB)
  const line = await kiosk.running.must(
    'journalctl -b -u tunggal -o short-monotonic --no-pager | grep -m1 screen-lit',
  )
  print({ kernelToPageS: Number(/\[ *([\d.]+)\]/.exec(line)?.[1]), readMib })
  const analyse = (words: string) => kiosk.running.must(`systemd-analyze ${words} --no-pager`, ANALYSIS_MS)
  print({ chain: await analyse('critical-chain tunggal-screen.service') })
  print({ blame: (await analyse('blame')).split('\n').slice(0, 12).join('\n') })
  await kiosk.running.must('sync')
  await kiosk.pull()
  await kiosk.limitReads(undefined)
  await kiosk.plugIn()
  await until(() => hasLogged(world, 'screen-lit'), WAIT_MS)
}

async function keysStay(
  world: FirmwareWorld,
  _work: string,
  { print, progress }: SoakContext,
): Promise<void> {
  const { kiosk } = world
  const pressAll = async (combinations: readonly string[]) => {
    for (const keys of combinations) {
      progress(keys)
      await kiosk.running.press(...keys.split(' '))
    }
    await setTimeout(WINDOW_MS)
  }
  await pressAll(MOVES)
  const before = { screen: await kiosk.running.must(SCREEN), picture: await picture(world) }
  await pressAll(COMBINATIONS)
  assert(before.picture.equals(await picture(world)), 'the display shows what it showed')
  await kiosk.running.press('ret')
  await until(() => hasLogged(world, 'identify'), WAIT_MS)
  assert.equal(await kiosk.running.must(SCREEN), before.screen, 'it is the same browser')
  print({ combinations: MOVES.length + COMBINATIONS.length })
}

async function blankPage({ centre, bundleOf, reported, last }: FirmwareWorld): Promise<void> {
  const wish = await centre.want(await bundleOf('5.0.0', { '/opt/tunggal/dist/page/page.js': '' }))
  await reported(({ version, state }) => version === wish && state === 'rolled-back', 2 * WAIT_MS)
  const report = last()
  assert.equal(report?.running, '1.0.0')
  assert.deepEqual(
    report?.errors.map(({ code, where }) => `${code} ${where}`),
    ['update/unwell screen'],
  )
}
