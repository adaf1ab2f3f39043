/** Goal: whatever ends the kiosk at any step of an update, the next start knows how far it was and what came of it. */
import t from 'tap'
import {
  broughtByHand,
  confirmed,
  downloaded,
  type HeldUpdate,
  installed,
  installing,
  nothingHeld,
  received,
  rejected,
  started,
  unwell,
} from '../../../firmware/update/held.ts'
import { configError } from '../../../src/settings/desired.ts'
import type { DesiredUpdate } from '../../../src/settings/update-desired.ts'

const at = '2026-11-29T01:00:00.000Z'
const old = { at, running: '1.0.0', bootId: 'first' }
const again = { ...old, bootId: 'second' }
const renewed = { at, running: '1.1.0', bootId: 'second' }

function wanted(version: number, image: string, more: Partial<DesiredUpdate> = {}): DesiredUpdate {
  return {
    version,
    image,
    compatible: 'tunggal-virt',
    url: 'http://10.0.0.1/a.raucb',
    sha256: `${version}`.padStart(64, '0'),
    bytes: 10,
    expiresAt: '2027-01-01T00:00:00.000Z',
    ...more,
  }
}

function accepted(held: HeldUpdate, desired: DesiredUpdate, now = old): HeldUpdate {
  const next = received(held, desired, now)
  if (next === 'stale') throw new Error('stale')
  return next
}

const downloading = accepted(nothingHeld(old), wanted(1, '1.1.0'))
const waiting = downloaded(downloading)
const atWork = installing(waiting, old)
const ready = installed(atWork, ['part printer'])

t.test('wanted while the image that runs is found good: it is not taken for that one', async t => {
  t.equal(confirmed(downloading, old), downloading)
  t.match(confirmed(waiting, renewed), {
    floor: '1.1.0',
    pending: { step: 'waiting' },
    report: { version: 0 },
  })
})

t.test('step by step to the image that was wanted', async t => {
  t.match(downloading, { highest: 1, pending: { step: 'downloading', image: '1.1.0', installs: 0 } })
  t.match(waiting.pending, { step: 'waiting' })
  t.match(atWork.pending, { step: 'installing', bootId: 'first', installs: 1 })
  t.match(ready.pending, { step: 'restarting', troubles: ['part printer'] })
  const trial = started(ready, renewed)
  t.match(trial.pending, { step: 'on-trial', troubles: ['part printer'] })
  t.match(confirmed(trial, renewed), {
    floor: '1.1.0',
    pending: undefined,
    report: { version: 1, state: 'applied' },
  })
})

t.test('a start in the middle of it', async t => {
  t.equal(started(downloading, again), downloading, 'the download goes on')
  t.equal(started(waiting, again), waiting)
  t.match(started(atWork, again).pending, { step: 'waiting', installs: 1 }, 'what was cut off is done again')
  t.match(
    started(atWork, renewed).pending,
    { step: 'on-trial' },
    'it was whole, and nobody could write that down',
  )
  t.equal(started(ready, old), ready, 'only the runtime was started again')
  let held = atWork
  for (let i = 0; i < 2; i++) held = installing(started(held, again), again)
  t.match(started(held, again), { pending: undefined, report: { state: 'rejected' } }, 'not for ever')
})

t.test('an image that does not come up, or is not well', async t => {
  const back = started(ready, again)
  t.match(back, { left: '1.1.0', floor: '1.0.0', pending: undefined })
  t.match(back.report, { version: 1, state: 'rolled-back', errors: [{ code: 'update/not-starting' }] })
  const ill = unwell(started(ready, renewed), [configError('update/unwell', 'broker', 'gone')])
  t.match(started(ill, { ...old, bootId: 'third' }).report, {
    state: 'rolled-back',
    errors: [{ code: 'update/unwell', where: 'broker' }],
  })
  t.match(started(ill, renewed).pending, { step: 'on-trial', errors: [{}] }, 'it is still to be left')
})

t.test('what operations say', async t => {
  t.equal(received(downloading, wanted(1, '1.1.0'), old), downloading, 'said again')
  t.equal(received(downloading, wanted(1, '1.1.0', { sha256: 'f'.repeat(64) }), old), 'stale')
  t.equal(received(accepted(downloading, wanted(3, '1.2.0')), wanted(2, '1.3.0'), old), 'stale')
  t.match(
    accepted(waiting, wanted(2, '1.2.0')).pending,
    { version: 2, step: 'downloading' },
    'given up for a newer one',
  )
  const busy = accepted(ready, wanted(2, '1.2.0'))
  t.match(busy, { pending: { version: 1 }, next: { version: 2 } }, 'too late to give it up')
  t.match(confirmed(started(busy, renewed), renewed), {
    next: undefined,
    pending: { version: 2, step: 'downloading' },
    report: { version: 1, state: 'applied' },
  })
  t.match(
    accepted(nothingHeld(old), wanted(1, '1.0.0')).report,
    { version: 1, state: 'applied' },
    'it runs already',
  )
  t.match(accepted(nothingHeld(old), wanted(1, '0.9.9')), {
    pending: undefined,
    report: { version: 1, state: 'rejected', errors: [{ code: 'update/older' }] },
  })
  const late = wanted(1, '1.1.0', { expiresAt: '2026-11-29T00:59:59.000Z' })
  t.match(accepted(nothingHeld(old), late).report, {
    state: 'rejected',
    errors: [{ code: 'update/expired' }],
  })
  const refused = rejected(downloading, [configError('update/other-hash', '', '')], old)
  t.match(refused, { pending: undefined, report: { version: 1, state: 'rejected' } })
  t.equal(received(refused, wanted(1, '1.1.0'), old), refused, 'the retained message does not begin it anew')
})

t.test('by hand', async t => {
  t.match(broughtByHand(nothingHeld(old), '1.1.0').pending, {
    version: 0,
    step: 'waiting',
    desired: undefined,
  })
})
