/** Goal: a stick brings what may be installed; whatever else is on it costs the kiosk little. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { expiryText } from '../../../firmware/update/expiry.ts'
import { bundlesIn, Stick } from '../../../firmware/update/stick.ts'
import { KioskError } from '../../../src/base/errors.ts'

const info = {
  version: '1.1.0',
  compatible: 'tunggal-virt',
  description: expiryText('2099-01-01T00:00:00.000Z'),
  imageBytes: 100,
}
const status = { compatible: 'tunggal-virt', booted: 'A', otherBytes: 1000 }
const slots = {
  info: async () => info,
  status: async () => status,
  install: async () => {},
  markGood: async () => {},
  markBad: async () => {},
}
const rules = {
  slots,
  floor: '1.0.0',
  nowMs: Date.UTC(2026, 10, 30),
  known: ['1.0.0'],
  freeBytes: async () => 1e6,
}

t.test('one that cannot be copied is tried a few times, and again once the stick was out', async t => {
  const folder = t.testdir({ 'a.raucb': 'a bundle' })
  const stick = new Stick()
  const next = () => stick.next({ ...rules, folder })
  for (let copy = 1; copy <= 3; copy++) {
    t.match(await next(), { version: '1.1.0' })
    t.equal(await next(), undefined, 'while it is copied')
    stick.notCopied()
  }
  t.equal(await next(), undefined, 'the stick is still in')
  await rm(folder, { recursive: true })
  t.equal(await next(), undefined)
  await mkdir(folder)
  await writeFile(join(folder, 'a.raucb'), 'a bundle')
  t.match(await next(), { version: '1.1.0' })
})

t.test('RAUC is at work: it is looked at later', async t => {
  const folder = t.testdir({ 'a.raucb': 'a bundle' })
  const stick = new Stick()
  const busy = async () => {
    throw new KioskError('update/no-slots')
  }
  await t.rejects(stick.next({ ...rules, folder, slots: { ...slots, status: busy } }), {
    code: 'update/no-slots',
  })
  t.match(await stick.next({ ...rules, folder }), { version: '1.1.0' })
})

t.test('names', async t => {
  const folder = t.testdir({ 'b.raucb': '', 'a.raucb': '', '.c.raucb': '', 'd.txt': '' })
  t.same(await bundlesIn(folder), ['a.raucb', 'b.raucb'])
  for (let i = 0; i < 50; i++) await writeFile(join(folder, `${i}.raucb`), '')
  t.equal((await bundlesIn(folder, 10)).length, 10, 'no more than so many are read')
  t.same(await bundlesIn(join(folder, 'none')), [])
})
