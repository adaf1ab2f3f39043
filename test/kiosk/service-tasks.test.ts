/**
 * Goal: a technician tries sensor and printers, takes diagnostics along, and has the machine restarted; what cannot be
 * done is said, and nothing of a finger or of a citizen stays behind.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openBoard } from '../../hal/board/open-board.ts'
import { shippedBoard } from '../../hal/board/shipped-boards.ts'
import { simulatedCitizen } from '../../hal/sim/citizen.ts'
import { systemClock } from '../../src/base/clock.ts'
import { localEngine } from '../../src/finger/worker/local-engine.ts'
import { diagnosticsName, diagnosticsText } from '../../src/kiosk/diagnostics.ts'
import { askMachine } from '../../src/kiosk/machine-requests.ts'
import { removableDrives } from '../../src/kiosk/removable-drives.ts'
import { ServiceTasks, type TaskParts } from '../../src/kiosk/service-tasks.ts'
import { defaultSettings } from '../../src/settings/settings.ts'

t.setTimeout(60_000)

const { signal } = new AbortController()
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47]).toString('base64').slice(0, 5)

async function tasksOn(t: Test, change: Partial<TaskParts> = {}, fault?: string) {
  const simulated = shippedBoard('simulated')
  const parts = simulated.parts.map(part => (part.name === 'receipt' && fault ? { ...part, fault } : part))
  const receipts: string[] = []
  const board = await openBoard(
    { ...simulated, parts },
    {
      clock: systemClock,
      simulation: { citizen: simulatedCitizen(3), onReceipt: ({ text }) => receipts.push(text) },
    },
  )
  t.teardown(() => board.close())
  let forgotten = 0
  const tasks = new ServiceTasks({
    board,
    engine: localEngine,
    clock: systemClock,
    isIdle: () => true,
    forget: () => forgotten++,
    diagnostics: async () => ({ name: 'tunggal-test.json', text: '{}\n' }),
    drives: async () => [],
    reboot: async () => false,
    ...change,
  })
  return { tasks, receipts, forgotten: () => forgotten }
}

t.test('a finger is shown with what the engine says of it', async t => {
  const { tasks, forgotten } = await tasksOn(t)
  const outcome = await tasks.perform({ name: 'capture' }, signal)
  if (outcome.kind !== 'captured') throw new Error(JSON.stringify(outcome))
  t.ok(outcome.quality > 0)
  t.ok(outcome.picture.startsWith(PNG))
  t.equal(forgotten(), 1)
  t.match(await (await tasksOn(t, { isIdle: () => false })).tasks.perform({ name: 'capture' }, signal), {
    kind: 'visit',
  })
})

t.test('a printer prints, or says why not', async t => {
  const { tasks, receipts } = await tasksOn(t)
  t.same(await tasks.perform({ name: 'print', part: 'receipt' }, signal), { kind: 'printed' })
  t.match(receipts.join(), /Uji cetak/)
  t.match(await tasks.perform({ name: 'print', part: 'none' }, signal), {
    kind: 'failed',
    code: 'hal/not-open',
  })
  const without = await tasksOn(t, {}, 'paper-out')
  t.match(await without.tasks.perform({ name: 'print', part: 'receipt' }, signal), {
    kind: 'failed',
    code: 'hal/paper-out',
  })
})

t.test('one task at a time', async t => {
  const { tasks } = await tasksOn(t)
  const [first, second] = await Promise.all([
    tasks.perform({ name: 'print', part: 'receipt' }, signal),
    tasks.perform({ name: 'capture' }, signal),
  ])
  t.same(first, { kind: 'printed' })
  t.match(second, { kind: 'failed', code: 'hal/busy' })
})

t.test('diagnostics go onto a drive whole, or not at all', async t => {
  const drive = t.testdir()
  const { tasks } = await tasksOn(t, { drives: async () => [drive] })
  t.same(await tasks.perform({ name: 'export' }, signal), { kind: 'exported', file: 'tunggal-test.json' })
  t.same(await readdir(drive), ['tunggal-test.json'])
  t.same(await (await tasksOn(t)).tasks.perform({ name: 'export' }, signal), { kind: 'no-drive' })
  const gone = await tasksOn(t, { drives: async () => [join(drive, 'tunggal-test.json/gone')] })
  t.match(await gone.tasks.perform({ name: 'export' }, signal), { kind: 'failed', code: 'kv/io' })
})

t.test('diagnostics name no record, no number of a citizen and no secret', async t => {
  const id = '019abcde-f012-7345-8678-9abcdef01234'
  const text = diagnosticsText({
    madeAt: '2026-11-29T03:00:00.000Z',
    view: {
      version: '0.1.0',
      kiosk: 'kiosk-test',
      parts: [],
      outbox: { waiting: 1, events: 0, isOnline: true },
      setAside: [{ id, sequence: 17, reason: 'broker/too-large' }],
    },
    settings: {
      ...defaultSettings,
      ui: { ...defaultSettings.ui, port: 1, technicianPin: 'scrypt:secret' },
    },
    log: [`{"event":"submission-set-aside","id":"${id}"}`, '{"event":"x","y":"3171236108850001"}'],
    uptimeSeconds: 5,
    memoryBytes: 1024 * 1024,
  })
  t.notMatch(text, id)
  t.notMatch(text, '3171236108850001')
  t.notMatch(text, 'scrypt')
  t.match(JSON.parse(text), {
    setAside: [{ sequence: 17, reason: 'broker/too-large' }],
    settings: { ui: { port: 1 } },
    log: [
      { event: 'submission-set-aside', id: '(record)' },
      { event: 'x', y: '(16 digits)' },
    ],
  })
  t.equal(diagnosticsName('kiosk-7', '2026-11-29T03:04:05.678Z'), 'tunggal-kiosk-7-20261129T030405Z.json')
})

t.test('USB drives are those that hang on USB and can be written', async t => {
  const root = t.testdir({
    proc: {
      self: {
        mounts: [
          '/dev/vda2 / ext4 ro,relatime 0 0',
          '/dev/sda1 /run/media/STIK\\040BIRU vfat rw,nosuid 0 0',
          '/dev/sdb1 /run/media/locked vfat ro,nosuid 0 0',
          '/dev/vda3 /data ext4 rw 0 0',
          'tmpfs /run tmpfs rw 0 0',
          '',
        ].join('\n'),
      },
    },
    sys: {
      devices: {
        pci0: { usb1: { '1-1': { block: { sda: { sda1: {} }, sdb: { sdb1: {} } } } }, vda: { vda3: {} } },
      },
      class: {
        block: {
          sda1: t.fixture('symlink', '../../devices/pci0/usb1/1-1/block/sda/sda1'),
          sdb1: t.fixture('symlink', '../../devices/pci0/usb1/1-1/block/sdb/sdb1'),
          vda3: t.fixture('symlink', '../../devices/pci0/vda/vda3'),
        },
      },
    },
  })
  t.same(await removableDrives(root), ['/run/media/STIK BIRU'])
  t.same(await removableDrives(join(root, 'none')), [])
})

t.test('a restart is asked for where somebody watches for it', async t => {
  const folder = t.testdir()
  const request = join(folder, 'reboot')
  t.equal(await askMachine(request, '2026-11-29T03:00:00.000Z'), true)
  t.match(await readFile(request, 'utf8'), /^2026/)
  t.equal(await askMachine(join(folder, 'none/reboot'), ''), false)
  await t.rejects(askMachine(folder, ''), { code: 'io/unwritable' })
  const asked = await tasksOn(t, { reboot: async () => true })
  t.same(await asked.tasks.perform({ name: 'reboot' }, signal), { kind: 'rebooting' })
  t.same(await (await tasksOn(t)).tasks.perform({ name: 'reboot' }, signal), { kind: 'no-reboot' })
})
