/** Goal: the slot that is gone back to can read what the newer one kept: else it would forget what it must not install. */
import t from 'tap'
import { downloaded, nothingHeld, received } from '../../../firmware/update/held.ts'
import { openKeptUpdate } from '../../../firmware/update/kept-update.ts'

const at = '2026-11-29T01:00:00.000Z'
const now = { at, running: '1.0.0', bootId: 'first' }
const wanted = {
  version: 7,
  image: '1.1.0',
  compatible: 'tunggal-virt',
  url: 'http://10.0.0.1/a.raucb',
  sha256: '0'.repeat(64),
  bytes: 10,
  expiresAt: '2027-01-01T00:00:00.000Z',
}

t.test('what newer software has added is passed over', async t => {
  const folder = t.testdir()
  const newer = { ...wanted, ofTheFuture: true }
  const held = received({ ...nothingHeld(now), floor: '0.9.0' }, newer, now)
  if (held === 'stale') throw new Error('stale')
  const kept = await openKeptUpdate(folder, now)
  await kept.change(() => ({ ...downloaded(held), ofTheFuture: true }))
  const { held: read } = await openKeptUpdate(folder, now)
  t.match(read, { highest: 7, floor: '0.9.0', pending: { step: 'waiting', desired: wanted } })
  t.notOk('ofTheFuture' in (read.pending?.desired ?? {}))
})
