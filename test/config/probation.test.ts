/** Goal: a configuration is kept exactly after an unbroken time of health, and never blamed for what it did not do. */
import t from 'tap'
import { errorOf, judge, NO_BROKER, type Probation, type Trial } from '../../src/config/probation.ts'

const trial: Trial = {
  limits: { goodMs: 100, limitMs: 300 },
  troublesBefore: ['part lamp'],
  changesBroker: false,
}

/** Looks every 10 ms at what `troubles` says for that time; how it ended, and when. */
function run(troubles: (nowMs: number) => readonly string[], options: Partial<Trial> = {}, untilMs = 2_000) {
  let probation: Probation = { sinceMs: 0 }
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 10) {
    const verdict = judge(probation, { nowMs, troubles: troubles(nowMs) }, { ...trial, ...options })
    if (verdict.name !== 'wait') return { ...verdict, nowMs }
    probation = verdict.probation
  }
  return { name: 'wait' }
}

t.test('well for long enough: kept', async t => {
  t.same(
    run(() => []),
    { name: 'keep', nowMs: 100 },
  )
  t.same(
    run(() => ['part lamp']),
    { name: 'keep', nowMs: 100 },
    'what was broken before is not its doing',
  )
  t.same(
    run(nowMs => (nowMs === 90 ? ['part printer'] : [])),
    { name: 'keep', nowMs: 200 },
    'without a break',
  )
})

t.test('not well in time: taken back, with every reason', async t => {
  t.same(
    run(() => ['part lamp', 'part printer', 'limit store-full']),
    {
      name: 'take-back',
      nowMs: 300,
      troubles: ['part printer', 'limit store-full'],
    },
  )
  t.same(errorOf('part printer', { goodMs: 100, limitMs: 300 }), {
    code: 'config/unwell',
    where: 'part printer',
    text: 'it was well before: look at it, and at what this version changes',
  })
  t.match(
    run(nowMs => (nowMs % 90 === 0 ? ['part printer'] : [])),
    { name: 'take-back', nowMs: 360 },
    'now and then',
  )
})

t.test('a broker that is away', async t => {
  t.match(
    run(() => [NO_BROKER], { changesBroker: true }),
    {
      name: 'take-back',
      nowMs: 300,
      troubles: [NO_BROKER],
    },
  )
  t.match(errorOf(NO_BROKER, { goodMs: 100, limitMs: 300 }), { code: 'config/cut-off', where: 'broker.url' })
  t.same(
    run(() => [NO_BROKER]),
    { name: 'wait' },
    'is not the doing of one that leaves it alone',
  )
  t.same(
    run(nowMs => (nowMs < 1_000 ? [NO_BROKER] : [])),
    { name: 'keep', nowMs: 1_100 },
  )
  t.match(
    run(() => [NO_BROKER, 'part printer']),
    { name: 'take-back', nowMs: 300 },
  )
})
