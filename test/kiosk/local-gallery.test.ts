/**
 * Goal: a visit is compared with everybody who was enrolled here or sent, with each once, and with nobody who is gone.
 * Method: the real store and search; synthetic fingers, found by another impression of theirs.
 */
import t, { type Test } from 'tap'
import { v7 } from 'uuid'
import { systemClock } from '../../src/base/clock.ts'
import { THRESHOLD } from '../../src/finger/compare/compare.ts'
import { writeInterchange } from '../../src/finger/template/interchange.ts'
import { LocalGallery } from '../../src/kiosk/local-gallery.ts'
import type { GalleryChange, GalleryPerson } from '../../src/record/gallery-change.ts'
import type { Enrolment } from '../../src/store/ports.ts'
import type { KioskStore } from '../../src/store/store.ts'
import { fingerOf } from '../relay/world.ts'
import { enrolment, openTestStore, outcomeFor, PluggedDisk, receiptFor, sealEvent } from '../store/fixture.ts'
import { changeFrom } from '../store/sent-gallery.ts'
import { until } from '../support/until.ts'

const QUESTION = '5f0cbb52-5d6f-4dd4-9f2b-0d6c5a1f7b10'
const templateOf = (finger: number) => fingerOf(finger, 1)

/** Of one finger, as it travels. */
function personWith(id: string, finger: number): GalleryPerson {
  const view = { position: 1, impression: 0, quality: 80, template: templateOf(finger) }
  const template = Buffer.from(writeInterchange(view, 'iso2005')).toString('base64')
  return { id, fingers: [{ position: 1, template }] }
}

async function world(t: Test) {
  const disk = new PluggedDisk()
  const store = await openTestStore(disk)
  const local = await LocalGallery.open({ store, clock: systemClock })
  t.teardown(async () => {
    await local.close()
    await store.close()
  })
  const enrol = async (finger: number, change: Partial<Enrolment> = {}) => {
    const template = templateOf(finger)
    const record = await store.enrol({ ...enrolment(), fingers: [{ position: 1, template }], ...change })
    local.add(`${record.id}/1`, template)
    return record
  }
  let before = QUESTION
  const send = async (change: Partial<GalleryChange>) => {
    const next = changeFrom(before, change)
    await local.applied(await store.sent.apply(next, { question: QUESTION, fingersMax: 100 }))
    before = next.digest
  }
  return { store, local, enrol, send }
}

/** Whose finger it is, by another impression of it. */
async function owners(local: LocalGallery, finger: number): Promise<string[]> {
  const { candidates } = await local.search(fingerOf(finger, 2), { limit: 10, scoreMin: THRESHOLD })
  return candidates.map(({ id }) => id)
}

const reopened = (store: KioskStore) => LocalGallery.open({ store, clock: systemClock })

t.test('enrolled here, sent, and both', async t => {
  const { store, local, enrol, send } = await world(t)
  const here = await enrol(21)
  const away = v7()
  await send({ add: [personWith(away, 22), personWith(here.id, 21)] })
  t.same(await owners(local, 21), [`${here.id}/1`])
  t.same(await owners(local, 22), [`${away}/1`])
  t.same(await owners(local, 23), [])
  const again = await reopened(store)
  t.same(await owners(again, 21), [`${here.id}/1`], 'as after a restart')
  t.same(await owners(again, 22), [`${away}/1`])

  await send({ remove: [away, here.id] })
  t.same(await owners(local, 22), [])
  t.same(await owners(local, 21), [`${here.id}/1`], 'its own stay')
})

t.test('its time here is over: what was sent of it stays, and nothing else', async t => {
  const { store, local, enrol, send } = await world(t)
  const [sent, unsent] = [await enrol(21), await enrol(22)]
  await send({ add: [personWith(sent.id, 21)] })
  for (const record of [sent, unsent]) {
    await store.outbox.settle(receiptFor(record))
    await store.applyOutcome(outcomeFor(record))
  }
  const limits = { templatesMsMax: -1, receiptedMsMax: 1e12, galleryFingersMax: 100 }
  for (const id of await store.sweep(limits)) await local.forget(id)
  t.same(await owners(local, 21), [`${sent.id}/1`])
  t.same(await owners(local, 22), [])
  await send({ remove: [sent.id] })
  t.same(await owners(local, 21), [])
})

t.test('consent is withdrawn: in neither', async t => {
  const { store, local, enrol, send } = await world(t)
  const record = await enrol(21)
  await send({ add: [personWith(record.id, 21)] })
  await store.withdraw(record.id, 'officer', sealEvent)
  t.same(await owners(local, 21), [])
  t.same(await owners(await reopened(store), 21), [])
})

t.test('a record that another took the place of before it left: only the newer one', async t => {
  const { store, local, enrol } = await world(t)
  const first = await enrol(21)
  const sent = await enrol(22)
  await store.outbox.markPublished([sent.id])
  await enrol(23, { nik: first.nik })
  await enrol(24, { nik: sent.nik })
  await until(async () => (await owners(local, 21)).length === 0)
  for (const finger of [22, 23, 24]) t.equal((await owners(local, finger)).length, 1)
  const again = await reopened(store)
  for (const finger of [21, 22, 23, 24])
    t.same(await owners(again, finger), await owners(local, finger), 'as after a restart')
})

t.test('all of it is taken away, and read anew', async t => {
  const { store, local, enrol, send } = await world(t)
  const here = await enrol(21)
  await send({ add: [personWith(v7(), 22)] })
  await store.sent.clear()
  await local.reload()
  t.same(await owners(local, 22), [])
  t.same(await owners(local, 21), [`${here.id}/1`])
})
