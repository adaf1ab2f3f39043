/** Goal: which image may be installed here, and when, is decided by our own rules, whoever brings it. */
import t from 'tap'
import { expiryText } from '../../../firmware/update/expiry.ts'
import { refusalOf } from '../../../firmware/update/refusal.ts'
import { compareVersions } from '../../../firmware/update/version.ts'
import { untilOpenMs } from '../../../firmware/update/window.ts'

t.test('versions are numbers', async t => {
  t.ok(compareVersions('1.10.0', '1.9.9') > 0)
  t.equal(compareVersions('1.4', '1.4.0'), 0)
  t.ok(compareVersions('1.4', '1.4.0.1') < 0)
  t.ok(compareVersions('2.0', '10.0') < 0)
})

t.test('a bundle', async t => {
  const here = { compatible: 'tunggal-virt', floor: '1.1.0', nowMs: Date.UTC(2026, 10, 29), slotBytes: 1000 }
  const bundle = {
    version: '1.2.0',
    compatible: 'tunggal-virt',
    description: expiryText('2026-12-01T00:00:00.000Z'),
    imageBytes: 1000,
  }
  t.equal(refusalOf(bundle, here), undefined)
  t.equal(refusalOf({ ...bundle, version: '1.1.0' }, here), undefined, 'the floor itself')
  t.match(refusalOf({ ...bundle, version: '1.0.9' }, here), { code: 'update/older' })
  t.match(refusalOf({ ...bundle, compatible: 'tunggal-raspberry-pi-4' }, here), {
    code: 'update/wrong-machine',
  })
  t.match(refusalOf(bundle, { ...here, nowMs: Date.UTC(2026, 11, 2) }), { code: 'update/expired' })
  t.match(refusalOf({ ...bundle, description: '' }, here), { code: 'update/expired' }, 'without an end')
  t.match(refusalOf({ ...bundle, imageBytes: 1001 }, here), { code: 'update/too-large' })
})

t.test('the window, in the time of the place', async t => {
  const night = { windowFrom: '23:00', windowTo: '04:00' }
  const at = (hours: number, minutes: number) => Date.UTC(2026, 10, 29, hours, minutes)
  // Jayapura is nine hours ahead, Jakarta seven.
  t.equal(untilOpenMs(night, at(14, 0), 'Asia/Jayapura'), 0)
  t.equal(untilOpenMs(night, at(14, 0), 'Asia/Jakarta'), 2 * 3_600_000)
  t.equal(untilOpenMs(night, at(18, 59), 'Asia/Jayapura'), 0)
  t.equal(untilOpenMs(night, at(19, 0), 'Asia/Jayapura'), 19 * 3_600_000)
  t.equal(
    untilOpenMs({ windowFrom: '02:00', windowTo: '02:00' }, at(10, 0), 'Asia/Jakarta'),
    0,
    'at any time',
  )
})
