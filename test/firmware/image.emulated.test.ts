/**
 * Goal: a card is a kiosk that serves, and stays one: through updates, through a bad one, and whenever the plug is pulled.
 * Method: the image for QEMU on a board with U-Boot and RAUC; outside of it Mosquitto, the ABIS, the claim desk and a
 * server of bundles, all real (`scripts/firmware/world.ts`). A bad version has a runtime that ends at once.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { someNik } from '../../scripts/demo-citizen.ts'
import { filesOf, textOf } from '../../scripts/firmware/card-content.ts'
import { firmwareWorld, WAIT_MS } from '../../scripts/firmware/world.ts'
import { until } from '../support/until.ts'

t.setTimeout(2_400_000)
const FINGERS = 2
const skip = process.getuid?.() !== 0 && 'only root makes images'

const work = await mkdtemp(join(tmpdir(), 'tunggal-firmware-'))
t.teardown(() => rm(work, { recursive: true, force: true }))
const world = await firmwareWorld(work, { fingers: FINGERS })
t.teardown(() => world.close())
const { centre, kiosk, last, reported, bundleOf } = world

t.test('from a card to a record that is print-ready', { skip }, async t => {
  await world.makeCard()
  await world.claim()
  t.match(last(), { running: '1.0.0', slot: 'A', state: 'applied' })
  t.match(await kiosk.enrol(someNik(), 7, FINGERS), /PRINT_READY_RECORD/)
  const mebibytes = Number((await kiosk.running.must('df -m --output=size /data | tail -1')).trim())
  t.ok(mebibytes > 1800, `data has grown with the card: ${mebibytes} MiB`)
  t.equal((await kiosk.running.must('systemctl --failed --no-legend')).trim(), '', 'no unit has failed')
  t.comment(`ready ${await kiosk.readyS()} s after the kernel's start`)
})

t.test('nobody can log in, and nothing in the image is a secret', { skip }, async t => {
  const shadow = await textOf(world.image, 'rootA', '/etc/shadow')
  t.match(shadow, /^root:/m)
  t.notMatch(shadow, /^[^:]+:[^*!]/m, 'no password')
  t.equal(await textOf(world.image, 'rootA', '/etc/machine-id'), '', 'each kiosk makes its own')
  const files = [...(await filesOf(world.image, 'rootA')).keys()]
  t.ok(files.length > 1000)
  const suspect = /(^|\/)(sshd|.*\.key|.*key\.pem|ssh_host_.*|random-seed|id_(rsa|ecdsa|ed25519))$/
  t.same(
    files.filter(path => suspect.test(path)),
    [],
  )
  t.same([...(await filesOf(world.image, 'data')).keys()], [], 'there is no data yet')
})

t.test('to version 2, the plug pulled while it comes, is written, and boots first', { skip }, async t => {
  const bundle = await bundleOf('2.0.0')
  const machineId = await kiosk.running.must('cat /etc/machine-id')
  await centre.want(bundle)
  await reported(({ pending }) => pending?.step === 'downloading' && (pending.percent ?? 0) >= 20)
  await kiosk.pull()
  await kiosk.plugIn()
  await kiosk.untilFilling(WAIT_MS)
  t.ok(centre.bundles.asked.length >= 2, 'it was brought in pieces')
  await kiosk.pull()
  await kiosk.plugIn()
  await until(() => kiosk.hasWritten(/slot B, tries left[\s\S]*Starting kernel/), WAIT_MS)
  await kiosk.pull()
  await kiosk.plugIn()
  await reported(({ running, state, pending }) => running === '2.0.0' && state === 'applied' && !pending)
  t.match(last(), { version: 1, state: 'applied', running: '2.0.0', slot: 'B' })
  t.match(await kiosk.enrol(someNik(), 8, FINGERS), /PRINT_READY_RECORD/)
  const records = [...(await kiosk.records()).values()]
  t.same(records, ['PRINT_READY_RECORD', 'PRINT_READY_RECORD'], 'what version 1 enrolled is there')
  t.equal(await kiosk.running.must('cat /etc/machine-id'), machineId, 'it is the same machine')
  const boots = await kiosk.running.must('journalctl --list-boots --no-pager', WAIT_MS)
  t.match(boots, /^ *-1 [0-9a-f]{32} /m, 'the log tells of the start before')
})

t.test('version 3 ends at once: version 2 comes back by itself, and says so', { skip }, async t => {
  const bundle = await bundleOf('3.0.0', { '/opt/tunggal/dist/tunggal.js': 'process.exit(1)\n' })
  const wish = await centre.want(bundle)
  await reported(({ version, state }) => version === wish && state === 'rolled-back')
  t.match(last(), {
    version: wish,
    state: 'rolled-back',
    running: '2.0.0',
    slot: 'B',
    errors: [{ code: 'update/not-starting' }],
  })
  t.equal(await kiosk.version(), '2.0.0')
  t.equal((await kiosk.records()).size, 2)
})
