/** Goal: whoever has a kiosk's data folder learns how far its update is, and what came of the last one. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { downloaded, nothingHeld, received, rejected } from '../../firmware/update/held.ts'
import { openKeptUpdate, updateFolder } from '../../firmware/update/kept-update.ts'
import { configError } from '../../src/settings/desired.ts'
import { buildCli } from './built-cli.ts'

const folder = t.testdir({ bin: {}, data: {} })
const tunggal = buildCli(join(folder, 'bin'))
const data = join(folder, 'data')
const now = { at: '2026-11-29T01:00:00.000Z', running: '1.0.0', bootId: 'first' }
const wanted = {
  version: 7,
  image: '1.1.0',
  compatible: 'tunggal-virt',
  url: 'http://10.0.0.1/a.raucb',
  sha256: '0'.repeat(64),
  bytes: 1000,
  expiresAt: '2027-01-01T00:00:00.000Z',
}

t.test('nothing yet, half of one, and one that was refused', async t => {
  const said = async () => (await tunggal('update', 'status', '--data', data, '--json')).lines
  t.match(await said(), [{ version: 0, state: 'applied', errors: [] }])
  const kept = await openKeptUpdate(updateFolder(data), now)
  const held = received(nothingHeld(now), wanted, now)
  if (held === 'stale') throw new Error('stale')
  await kept.change(() => held)
  await mkdir(updateFolder(data), { recursive: true })
  await writeFile(join(updateFolder(data), 'bundle.raucb.part'), 'x'.repeat(500))
  t.match(await said(), [{ pending: { version: 7, image: '1.1.0', step: 'downloading', percent: 50 } }])
  await kept.change(() =>
    rejected(downloaded(held), [configError('update/untrusted', '', 'by a stranger')], now),
  )
  t.match(await said(), [{ version: 7, state: 'rejected', errors: [{ code: 'update/untrusted' }] }])
  const { code, out } = await tunggal('update', 'status', '--data', data)
  t.equal(code, 0)
  t.match(out, /version 7 was rejected\n {2}by a stranger \[update\/untrusted\]/)
})
