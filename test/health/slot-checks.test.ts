/** Goal: which of the two systems runs, and which one failed to start, out of what RAUC says. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { slotChecks, slotChecksOf } from '../../src/health/slot-checks.ts'

const slot = (bootname: string | null, bootStatus: string, version?: string) => ({
  class: 'rootfs',
  device: '/dev/vda2',
  type: 'ext4',
  bootname,
  state: bootname === 'A' ? 'booted' : 'inactive',
  boot_status: bootStatus,
  ...(version && { slot_status: { bundle: { compatible: 'tunggal-virt', version } } }),
})
const status = JSON.stringify({
  compatible: 'tunggal-virt',
  booted: 'A',
  boot_primary: 'rootfs.1',
  slots: [
    { 'rootfs.0': slot('A', 'good', '0.1.0') },
    { 'rootfs.1': slot('B', 'bad', '0.2.0') },
    { 'data.0': slot(null, 'good') },
  ],
})

t.test('two slots: the one that runs, and the one that did not start', async t => {
  const [a, b, ...none] = slotChecksOf(status)
  t.match(a, { check: 'slot A', ok: true, detail: 'version 0.1.0, runs now, boots: good' })
  t.match(b, { check: 'slot B', ok: false, detail: 'version 0.2.0, waits, starts next, boots: bad' })
  t.same(none, [], 'what holds no system is no slot of one')
})

t.test('a new card: its second slot waits for the first update', async t => {
  const text = JSON.stringify({
    booted: 'A',
    boot_primary: 'rootfs.0',
    slots: [{ 'rootfs.0': slot('A', 'good') }, { 'rootfs.1': slot('B', 'bad') }],
  })
  const [, b] = slotChecksOf(text)
  t.match(b, { check: 'slot B', ok: true, detail: /^empty/ })
})

t.test('a machine without slots has none; rauc that answers nonsense is a fault', async t => {
  const folder = t.testdir({ 'system.conf': '' })
  const program = join(folder, 'rauc')
  const descriptions = [join(folder, 'none'), join(folder, 'system.conf')]
  t.same(await slotChecks({ program, descriptions: descriptions.slice(0, 1) }), [])
  t.match(await slotChecks({ program, descriptions }), [{ ok: false, detail: /does not answer/ }])
  for (const text of ['', '{', '[]', '{"slots":7}']) t.match(slotChecksOf(text), [{ ok: false }])
  await writeFile(program, `#!/bin/sh\ncat <<'END'\n${status}\nEND\n`, { mode: 0o755 })
  t.equal((await slotChecks({ program, descriptions })).length, 2)
  await writeFile(program, '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  t.match(await slotChecks({ program, descriptions }), [{ ok: false, detail: /does not answer/ }])
})
