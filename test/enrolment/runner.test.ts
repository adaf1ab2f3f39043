/**
 * Goal: the runner does what the machine decides, with parts that fail in every way they may, and holds no
 * biometric byte longer than the visit.
 */
import t from 'tap'
import type { PreviewOptions } from '../../hal/ports/fingerprint-sensor.ts'
import { KioskError } from '../../src/base/errors.ts'
import { enrolUnattended } from '../../src/enrolment/unattended.ts'
import type { FingerPosition } from '../../src/record/finger-position.ts'
import type { VisitView } from '../../src/record/visit-view.ts'
import { expectStep, NIK, settingsWith, standInKiosk } from './stand-ins.ts'

const zeroed = (arrays: readonly ArrayLike<number>[]) =>
  arrays.every(array => Array.from(array).every(value => value === 0))

const captured = { finger: 2 }

t.test('ten good fingers become one record, a receipt, and nothing in memory', async t => {
  const { runner, toCapture, touch, store, printer, sensor, engine, gallery, clock } = standInKiosk()
  t.equal((await toCapture()).step, 'review')
  t.equal(runner.samplesHeld, 10)
  const done = expectStep(await touch({ name: 'submit' }), 'done')
  t.equal(done.receipt, 'printed')
  t.equal(done.code, `tunggal:1:${done.recordId}`)
  t.equal(store.kept.length, 1)
  t.equal(store.kept[0].id, done.recordId)
  const [submission] = store.submissions
  t.same(
    submission.fingers.map(finger => finger.position),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  )
  t.match(submission, {
    nik: NIK,
    kiosk: 'kiosk-test',
    hints: [],
    consent: { version: '2026-1', language: 'id' },
    sensor: { model: 'stand-in', presentationAttackDetection: 'none' },
  })
  t.equal(printer.receipts.length, 1)
  t.equal(gallery.size, 10)
  t.equal(runner.samplesHeld, 0)
  t.ok(zeroed(sensor.frames.map(frame => frame.pixels)), 'frames are zeroed')
  t.ok(zeroed(engine.templates.flatMap(({ xPx, yPx, kind }) => [xPx, yPx, kind])), 'templates are zeroed')
  t.equal(gallery.search({ ...engine.templates[0], xPx: Float32Array.of(0) }).compared, 10)
  t.equal((await touch({ name: 'leave' })).step, 'idle')
  t.equal(clock.sleeping, 0, 'no timer waits for nobody')
})

t.test('the best of three tries is kept, and marked forced below the threshold', async t => {
  const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [2] } }) })
  kiosk.sensor.placements.push({ finger: 2, score: 20 }, { finger: 2, score: 40 }, { finger: 2, score: 30 })
  const view = expectStep(await kiosk.toCapture(), 'review')
  t.match(view.fingers, [{ position: 2, state: 'kept', score: 40, forced: true }])
  t.equal(kiosk.runner.samplesHeld, 1)
  t.equal(kiosk.sensor.frames.filter(frame => zeroed([frame.pixels])).length, 2, 'the others are zeroed')
  await kiosk.touch({ name: 'submit' })
  t.match(kiosk.store.submissions[0].fingers, [{ quality: 40, attempts: 3, forced: true }])
  t.equal(kiosk.store.kept[0].fingersForced, 1)
})

t.test('a good second try ends the tries and is not forced', async t => {
  const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [2] } }) })
  kiosk.sensor.placements.push({ finger: 2, score: 20 }, { finger: 2, score: 60 })
  const view = expectStep(await kiosk.toCapture(), 'review')
  t.match(view.fingers, [{ score: 60, forced: false }])
  t.equal(kiosk.sensor.frames.length, 2)
})

t.test('a threshold of the settings stands above that of the engine', async t => {
  const kiosk = standInKiosk({
    settings: settingsWith({ capture: { plan: [2], qualityMin: 90, attemptsMax: 1 } }),
  })
  const view = expectStep(await kiosk.toCapture(), 'review')
  t.match(view.fingers, [{ score: 80, forced: true }])
})

t.test('the same finger twice is asked for again, and named', async t => {
  const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [2, 3] } }) })
  kiosk.sensor.placements.push({ finger: 2 }, { finger: 2 }, 'silent')
  const asked = expectStep(await kiosk.toCapture(), 'capture')
  t.match(asked, { position: 3, prompt: { code: 'wrong-finger', givenAs: 2, otherHand: false }, attempt: 1 })
})

t.test('the third time the same finger is kept: staff sees it, and the ABIS gets a hint', async t => {
  const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [2, 7] } }) })
  const prompts: unknown[] = []
  kiosk.runner.onView(view => {
    if (view.step === 'capture' && view.prompt.code === 'wrong-finger') prompts.push(view.prompt)
  })
  kiosk.sensor.placements.push({ finger: 2 }, { finger: 2 }, { finger: 2 }, { finger: 2 })
  const view = expectStep(await kiosk.toCapture(), 'review')
  t.match(prompts[0], { givenAs: 2, otherHand: true })
  t.match(view.fingers, [{ position: 2 }, { position: 7, resembles: 2 }])
  const done = expectStep(await kiosk.touch({ name: 'submit' }), 'done')
  t.match(kiosk.store.submissions[0].hints, [{ position: 7, candidate: `${done.recordId}/2`, score: 100 }])
})

t.test('the right finger after a wrong one is kept without a hint', async t => {
  const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [2, 7] } }) })
  kiosk.sensor.placements.push({ finger: 2 }, { finger: 2 }, { finger: 7 })
  const view = expectStep(await kiosk.toCapture(), 'review')
  t.equal(view.fingers[1].resembles, undefined)
})

t.test('exceptions are recorded, one by one or for all that is left, and can be taken back', async t => {
  const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [1, 2, 3] } }) })
  kiosk.sensor.placements.push('silent')
  t.match(await kiosk.toCapture(), { step: 'capture', position: 1, phase: 'placing' })
  kiosk.sensor.placements.push('silent')
  t.match(await kiosk.touch({ name: 'skip', exception: 'bandaged' }), { position: 2 })
  const review = expectStep(await kiosk.touch({ name: 'skip-rest', exception: 'refused' }), 'review')
  t.match(review.fingers, [{ exception: 'bandaged' }, { exception: 'refused' }, { exception: 'refused' }])
  const again = expectStep(await kiosk.touch({ name: 'redo', position: 1 }), 'review')
  t.match(again.fingers[0], { state: 'kept', score: 80 })
  await kiosk.touch({ name: 'submit' })
  t.same(kiosk.store.submissions[0].fingers.slice(1), [
    { position: 2, exception: 'refused' },
    { position: 3, exception: 'refused' },
  ])
})

t.test(
  'no finger, no answer, an unplugged sensor: the screen says it, and it goes on when it can',
  async t => {
    const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [2] } }) })
    kiosk.sensor.placements.push('hal/no-finger', 'silent')
    t.match(await kiosk.toCapture(), { phase: 'placing', prompt: { code: 'no-finger' } })
    kiosk.sensor.placements.push('hal/no-answer', 'hal/no-answer')
    t.match(await kiosk.touch({ name: 'redo', position: 2 }), { phase: 'sensor-fault' })
    await kiosk.clock.advance(1_999)
    t.match(kiosk.runner.view, { phase: 'sensor-fault' })
    await kiosk.clock.advance(1)
    t.match(kiosk.runner.view, { phase: 'sensor-fault' }, 'it is still unplugged')
    await kiosk.clock.advance(2_000)
    t.match(kiosk.runner.view, { step: 'review' }, 'it is back')
    kiosk.sensor.placements.push('hal/no-answer')
    t.match(await kiosk.touch({ name: 'redo', position: 2 }), { phase: 'sensor-fault' })
    t.match(await kiosk.touch({ name: 'retry' }), { step: 'review' }, 'a touch need not wait')
  },
)

t.test('a finger that no try can read is left to the person', async t => {
  const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [2] } }) })
  kiosk.sensor.placements.push('not-a-finger', 'not-a-finger', 'not-a-finger')
  t.match(await kiosk.toCapture(), { phase: 'unreadable' })
  t.equal(kiosk.runner.samplesHeld, 0)
  t.match(await kiosk.touch({ name: 'retry' }), { step: 'review' })
})

t.test('an engine that fails counts as a try, and its failure is logged by code alone', async t => {
  const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [2] } }) })
  kiosk.engine.failing = true
  t.match(await kiosk.toCapture(), { phase: 'unreadable', prompt: { code: 'engine' } })
  t.match(kiosk.logged.join(), /finger\/engine-stopped/)
})

t.test('an engine that does not answer in time counts as a try', async t => {
  const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [2], attemptsMax: 1 } }) })
  kiosk.engine.sample = () => new Promise(() => {})
  t.match(await kiosk.toCapture(), { phase: 'working' })
  await kiosk.clock.advance(10_000)
  t.match(kiosk.runner.view, { phase: 'unreadable' })
})

t.test('a resemblance in the gallery is a hint, and does not stop anybody', async t => {
  const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [2] } }) })
  kiosk.gallery.search = () => ({ candidates: [{ id: 'earlier/2', score: 99 }], compared: 1 })
  await kiosk.toCapture()
  await kiosk.touch({ name: 'submit' })
  t.same(kiosk.store.submissions[0].hints, [{ position: 2, candidate: 'earlier/2', score: 99 }])
  kiosk.gallery.search = () => {
    throw new KioskError('kv/corrupt')
  }
  await kiosk.touch({ name: 'leave' })
  t.equal((await kiosk.toCapture()).step, 'review')
})

t.test('a full store and a missing sensor are said before anybody types a number', async t => {
  const kiosk = standInKiosk()
  kiosk.store.level = 'full'
  t.match(await kiosk.touch({ name: 'begin', language: 'en' }), { step: 'idle', notice: 'store-full' })
  kiosk.store.capacity = () => new Promise(() => {})
  t.match(await kiosk.touch({ name: 'begin', language: 'en' }), { step: 'checking' })
  await kiosk.clock.advance(5_000)
  t.match(kiosk.runner.view, { step: 'idle', notice: 'store-fault' })
  const without = standInKiosk({ withoutSensor: true })
  t.match(await without.touch({ name: 'begin', language: 'en' }), { step: 'idle', notice: 'no-sensor' })
})

t.test('"done" is shown only once the store has it', async t => {
  const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [2] } }) })
  let open: () => void = () => {}
  kiosk.store.gate = new Promise(resolve => {
    open = resolve
  })
  await kiosk.toCapture()
  t.match(await kiosk.touch({ name: 'submit' }), { step: 'storing' })
  t.equal(kiosk.runner.samplesHeld, 1)
  await kiosk.clock.advance(15_000)
  t.match(kiosk.runner.view, { step: 'store-fault', reason: 'slow' })
  open()
  await kiosk.clock.advance(0)
  t.match(kiosk.runner.view, { step: 'done' }, 'a slow disk came round')
  t.equal(kiosk.store.kept.length, 1)
})

t.test('who leaves a slow disk is wiped, but not under its hands', async t => {
  const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [2] } }) })
  let open: () => void = () => {}
  kiosk.store.gate = new Promise(resolve => {
    open = resolve
  })
  await kiosk.toCapture()
  await kiosk.touch({ name: 'submit' })
  await kiosk.clock.advance(15_000)
  t.match(await kiosk.touch({ name: 'leave' }), { step: 'idle' })
  t.equal(kiosk.runner.samplesHeld, 0)
  t.notOk(zeroed(kiosk.engine.templates.map(template => template.xPx)), 'the store still reads it')
  t.match(await kiosk.touch({ name: 'begin', language: 'en' }), { step: 'identify' })
  open()
  await kiosk.clock.advance(0)
  t.match(kiosk.runner.view, { step: 'identify' }, 'the late answer shows the next person nothing')
  t.ok(zeroed(kiosk.engine.templates.map(template => template.xPx)))
})

t.test('a store that refuses keeps the person’s fingers for another try', async t => {
  const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [2] } }) })
  await kiosk.toCapture()
  kiosk.store.failing = 'store/full'
  t.match(await kiosk.touch({ name: 'submit' }), { step: 'store-fault', reason: 'full' })
  kiosk.store.failing = 'kv/io'
  t.match(await kiosk.touch({ name: 'retry' }), { step: 'store-fault', reason: 'fault' })
  kiosk.store.failing = undefined
  t.match(await kiosk.touch({ name: 'retry' }), { step: 'done' })
})

t.test('without paper the receipt is on screen, and can be printed once there is some', async t => {
  const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [2] } }) })
  kiosk.printer.failing = 'hal/paper-out'
  await kiosk.toCapture()
  t.match(await kiosk.touch({ name: 'submit' }), { step: 'done', receipt: 'on-screen', code: /^tunggal:1:/ })
  t.equal(kiosk.store.kept.length, 1)
  kiosk.printer.failing = undefined
  t.match(await kiosk.touch({ name: 'retry' }), { receipt: 'printed' })
  const without = standInKiosk({ withoutPrinter: true, settings: settingsWith({ capture: { plan: [2] } }) })
  await without.toCapture()
  t.match(await without.touch({ name: 'submit' }), { step: 'done', receipt: 'on-screen' })
})

t.test('paper and screen say whether the centre can be reached', async t => {
  for (const offline of [true, false]) {
    const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [2] } }) })
    kiosk.runner.setOffline(offline)
    await kiosk.toCapture()
    t.match(await kiosk.touch({ name: 'submit' }), { offline })
    t.match(JSON.stringify(kiosk.printer.receipts[0]), offline ? /Belum terkirim/ : /sedang dikirim/)
  }
})

t.test('an abandoned visit is asked, counted down, and wiped; one touch keeps it', async t => {
  const kiosk = standInKiosk()
  kiosk.sensor.placements.push({ finger: 1 }, 'silent')
  t.match(await kiosk.toCapture(), { step: 'capture', position: 2 })
  await kiosk.clock.advance(60_000)
  t.match(kiosk.runner.view, { step: 'capture', stillThere: { countDownMs: 30_000 } })
  t.equal((await kiosk.touch({ name: 'keep-alive' })).stillThere, undefined)
  await kiosk.clock.advance(60_000)
  await kiosk.clock.advance(29_999)
  t.equal(kiosk.runner.view.step, 'capture')
  await kiosk.clock.advance(1)
  t.match(kiosk.runner.view, { step: 'idle', notice: 'timed-out' })
  t.equal(kiosk.runner.samplesHeld, 0)
  t.ok(zeroed(kiosk.sensor.frames.map(frame => frame.pixels)))
  t.equal(kiosk.sensor.busy, false, 'the sensor was let go')
  t.equal(kiosk.clock.sleeping, 0)
})

t.test('neither views nor the log name a person', async t => {
  const kiosk = standInKiosk()
  const views: VisitView[] = []
  kiosk.runner.onView(view => views.push(view))
  await kiosk.toCapture()
  await kiosk.touch({ name: 'submit' })
  t.notMatch(JSON.stringify(views), new RegExp(NIK))
  t.match(JSON.stringify(views), /\*{12}0001/)
  t.notMatch(kiosk.logged.join(), /3171/)
  t.ok(kiosk.logged.length > 5)
})

t.test('a stopped capture lets go of the sensor before the next one', async t => {
  const kiosk = standInKiosk({ settings: settingsWith({ capture: { plan: [1, 2] } }) })
  kiosk.sensor.placements.push('silent')
  await kiosk.toCapture()
  t.match(await kiosk.touch({ name: 'skip', exception: 'missing' }), { step: 'review' })
  t.notMatch(kiosk.logged.join(), /busy/)
})

t.test('one call enrols somebody with nobody at the screen', async t => {
  const kiosk = standInKiosk()
  const exceptions = new Map<FingerPosition, 'missing'>([[4, 'missing']])
  kiosk.sensor.placements.push('hal/no-finger', captured)
  const enrolled = await kiosk.clock.finish(enrolUnattended(kiosk.runner, { nik: NIK, exceptions }))
  t.equal(enrolled.receipt, 'printed')
  t.equal(kiosk.store.kept[0].id, enrolled.recordId)
  const excepted = kiosk.store.submissions[0].fingers.filter(finger => 'exception' in finger)
  t.same(
    excepted.map(finger => finger.position),
    [1, 4],
  )
  t.equal(kiosk.runner.view.step, 'idle')
})

t.test('an unattended enrolment that cannot be says why, and leaves', async t => {
  const rejects = async (kiosk: ReturnType<typeof standInKiosk>, code: string, nik = NIK) => {
    await t.rejects(kiosk.clock.finish(enrolUnattended(kiosk.runner, { nik })), { code })
    t.equal(kiosk.runner.view.step, 'idle')
    t.equal(kiosk.runner.samplesHeld, 0)
  }
  await rejects(standInKiosk(), 'usage/bad-nik', '123')
  await rejects(standInKiosk({ withoutSensor: true }), 'hal/no-answer')
  const full = standInKiosk()
  full.store.level = 'full'
  await rejects(full, 'store/full')
  const broken = standInKiosk()
  broken.store.failing = 'kv/io'
  await rejects(broken, 'kv/io')
  const unplugged = standInKiosk()
  unplugged.sensor.placements.push('hal/no-answer', 'hal/no-answer', 'hal/no-answer')
  await rejects(unplugged, 'hal/no-answer')
  const taken = standInKiosk()
  await taken.touch({ name: 'begin', language: 'id' })
  await t.rejects(enrolUnattended(taken.runner, { nik: NIK }), { code: 'hal/busy' })
  t.equal(taken.runner.view.step, 'identify', 'somebody else’s visit goes on')
  const stopped = standInKiosk()
  stopped.sensor.placements.push('silent')
  const controller = new AbortController()
  const enrolling = enrolUnattended(stopped.runner, { nik: NIK, signal: controller.signal })
  await stopped.clock.advance(10)
  controller.abort(new Error('stop'))
  await t.rejects(enrolling, { message: 'stop' })
  t.equal(stopped.runner.view.step, 'idle')
})

t.test('closing wipes the visit under way and waits for nothing', async t => {
  const kiosk = standInKiosk()
  await kiosk.toCapture()
  kiosk.runner.close()
  t.ok(zeroed(kiosk.sensor.frames.map(frame => frame.pixels)))
  await kiosk.clock.advance(0)
  t.equal(kiosk.clock.sleeping, 0)
})

/** Shows one live image as soon as it is asked to, and more when the test wants. */
function withPreview(kiosk: ReturnType<typeof standInKiosk>) {
  const shown: { readonly signal: AbortSignal; show(jpeg: Uint8Array): void }[] = []
  Object.assign(kiosk.sensor, {
    preview({ signal, onImage }: PreviewOptions) {
      shown.push({ signal, show: onImage })
      return new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
  })
  return shown
}

t.test('a finger that is felt is acknowledged while its image is still to come', async t => {
  const kiosk = standInKiosk()
  kiosk.sensor.placements.push('silent')
  t.match(await kiosk.toCapture(), { phase: 'placing', hasPreview: false })
  const onContact = kiosk.sensor.lastRequest?.onContact
  onContact?.()
  t.match(kiosk.runner.view, { phase: 'reading', position: 1 })
  await kiosk.touch({ name: 'skip', exception: 'bandaged' })
  const next = kiosk.runner.view
  onContact?.()
  t.same(kiosk.runner.view, next, 'that of the finger before means nothing')
})

t.test('live images reach the page while a finger is asked for, and end with it', async t => {
  const kiosk = standInKiosk()
  const previews = withPreview(kiosk)
  const seen: number[] = []
  const stop = kiosk.runner.onPreview(jpeg => seen.push(jpeg[0]))
  kiosk.sensor.placements.push('silent')
  t.match(await kiosk.toCapture(), { phase: 'placing', hasPreview: true })
  previews[0].show(Uint8Array.of(1))
  t.same(seen, [1])
  await kiosk.touch({ name: 'leave' })
  t.ok(previews[0].signal.aborted, 'nobody looks any more')
  t.equal(previews.length, 1)
  stop()
  previews[0].show(Uint8Array.of(2))
  t.same(seen, [1])
})

t.test('a capture that ends takes its live images with it', async t => {
  const kiosk = standInKiosk()
  const previews = withPreview(kiosk)
  await kiosk.toCapture()
  t.equal(kiosk.runner.view.step, 'review')
  t.equal(previews.length, 10)
  t.ok(previews.every(({ signal }) => signal.aborted))
})
