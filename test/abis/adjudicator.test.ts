/**
 * Goal: two people who know nothing of one another decide on a record, a third where they differ, nobody twice; what they
 * said is signed and chained, and none of it shows before it may.
 * Method: every course of up to four words on the pure rules; then the real thing on a store in memory with the ABIS's
 * real key, also across a restart, and with what was kept changed behind its back.
 */

import t, { type Test } from 'tap'
import { v7 } from 'uuid'
import {
  type Answer,
  agreed,
  candidateIn,
  personSchema,
  samePerson,
  verdictOf,
  wanted,
} from '../../src/abis/adjudication.ts'
import { Adjudicator } from '../../src/abis/adjudicator.ts'
import { Counts } from '../../src/abis/counts.ts'
import { encodeValue, keyOf } from '../../src/abis/layout.ts'
import { Registry } from '../../src/abis/registry.ts'
import { MemoryDisk, openMemoryKv } from '../../src/kv/memory.ts'
import { openDecisionSeal } from '../../src/seal/decision-seal.ts'
import { demoKeys } from '../support/demo-keys.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { fingerless } from './fixture.ts'

const clock = new ManualClock(Date.now())
const { abisKeys } = await demoKeys(t, clock)
const seal = openDecisionSeal({ keys: abisKeys })
const at = '2026-01-01T07:00:00.000Z'

t.test('the rules, over every course of words', async t => {
  const words: Answer[] = ['duplicate', 'distinct']
  let decidedByThree = 0
  const walk = (given: { answer: Answer }[]): void => {
    const together = agreed(given)
    const counts = words.map(word => given.filter(({ answer }) => answer === word).length)
    if (together !== undefined) {
      t.equal(wanted(given), 0)
      t.equal(counts[words.indexOf(together)], 2, 'exactly two agree when it ends')
      t.ok(given.length <= 3, 'three people always end it')
      if (given.length === 3) decidedByThree++
      return
    }
    t.ok(counts.every(count => count < 2))
    t.equal(wanted(given), given.length === 2 ? 1 : 2 - given.length)
    for (const answer of words) walk([...given, { answer }])
  }
  walk([])
  t.equal(decidedByThree, 4)
})

t.test('what follows from a word', async t => {
  const id = v7()
  t.same(verdictOf(`resembles:${id}`, 'duplicate'), {
    status: 'DUPLICATE_RECORD',
    reason: `duplicate-of:${id}`,
  })
  t.equal(verdictOf(`resembles:${id}`, 'distinct').status, 'PRINT_READY_RECORD')
  t.equal(verdictOf(`other-fingers-of-this-nik:${id}`, 'duplicate').status, 'PRINT_READY_RECORD')
  t.equal(verdictOf(`other-fingers-of-this-nik:${id}`, 'distinct').status, 'ENROLL_FAILURE_AT_CENTRAL')
  t.equal(verdictOf('no-fingers', 'distinct').status, 'PRINT_READY_RECORD')
  t.equal(verdictOf('no-fingers', 'duplicate').status, 'DUPLICATE_RECORD')
  t.equal(candidateIn(`resembles:${id}`), id)
  for (const none of [undefined, 'no-fingers', 'resembles:', 'resembles:x'])
    t.equal(candidateIn(none), undefined)
})

t.test('who is who', async t => {
  for (const [a, b] of [
    ['Ani', ' ani '],
    ['Ani  Wijaya', 'ANI WIJAYA'],
    ['ani', 'ａｎｉ'],
  ])
    t.ok(samePerson(a, b), `${a} is ${b}`)
  t.notOk(samePerson('Ani', 'Anis'))
  for (const name of ['', ' ', '-', 'a\nb', '\u0007', 'x'.repeat(65)])
    t.notOk(personSchema.safeParse(name).success)
  for (const name of ['Ani', 'I Gusti Ngurah Rai, S.H.'.replace(',', ''), 'budi.s@dukcapil', 'Nī'])
    t.ok(personSchema.safeParse(name).success, name)
})

/** An ABIS with a record that is print-ready, and one that resembles it. */
async function centre(_: Test, disk = new MemoryDisk()) {
  const kv = openMemoryKv(disk)
  const counts = new Counts(clock)
  const registry = new Registry(kv, clock, counts)
  for await (const record of registry.records()) registry.count(record)
  const resolved: string[] = []
  const adjudicator = await Adjudicator.open({
    kv,
    registry,
    counts,
    seal,
    clock,
    inOrder: change => change(),
    onResolved: ({ id }) => resolved.push(id),
  })
  return { kv, disk, counts, registry, adjudicator, resolved }
}

async function withQuestion(t: Test) {
  const opened = await centre(t)
  const { registry } = opened
  const [first, second] = [fingerless(1), fingerless(2)]
  for (const taken of [first, second]) await registry.take(taken, Buffer.from(taken.id))
  await registry.decide(first.id, { status: 'PRINT_READY_RECORD' })
  await registry.decide(second.id, { status: 'ADJUDICATE_RECORD', reason: `resembles:${first.id}` })
  return { ...opened, first: first.id, id: second.id }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

t.test('two who agree', async t => {
  const { adjudicator, registry, resolved, id, first, kv, disk } = await withQuestion(t)
  t.match(await all(adjudicator.openCases()), [{ id, candidate: first, decided: 0, wanted: 2 }])
  t.match(await adjudicator.pair(id), { record: { id }, candidate: { id: first } })
  t.same(await adjudicator.decide(id, { by: 'Ani', answer: 'duplicate' }), { id, decided: 1, wanted: 1 })
  const [waiting] = await all(adjudicator.openCases())
  t.match(waiting, { decided: 1, wanted: 1 })
  t.notMatch(
    JSON.stringify([waiting, await adjudicator.pair(id), await all(adjudicator.log())]),
    /"duplicate"|Ani.*duplicate/,
  )
  await t.rejects(adjudicator.decide(id, { by: 'ANI', answer: 'distinct' }), {
    code: 'adjudication/decided-before',
  })

  const later = await centre(t, disk)
  const decided = await later.adjudicator.decide(id, { by: 'Budi', answer: 'duplicate' })
  t.same(decided, { id, decided: 2, wanted: 0, status: 'DUPLICATE_RECORD' }, 'a restart forgets nothing')
  t.same(later.resolved, [id])
  t.same(resolved, [])
  const { outcome } = (await registry.record(id)) ?? {}
  t.match(outcome, { status: 'DUPLICATE_RECORD', reason: `duplicate-of:${first}`, seq: 2 })
  t.ok(await kv.get(keyOf.unsent(id)), 'it has to be published')
  t.match(later.counts.snapshot(), { adjudicate: 0, duplicate: 1 })
  t.match(await all(later.adjudicator.log()), [
    { who: 'Ani', id, answer: 'duplicate', intact: true },
    { who: 'Budi', id, answer: 'duplicate', intact: true, status: 'DUPLICATE_RECORD' },
  ])
  await t.rejects(later.adjudicator.decide(id, { by: 'Citra', answer: 'distinct' }), {
    code: 'adjudication/not-open',
  })
  t.same(await all(later.adjudicator.openCases()), [])
})

t.test('two who differ, and a third', async t => {
  const { adjudicator, registry, id } = await withQuestion(t)
  await adjudicator.decide(id, { by: 'Ani', answer: 'duplicate' })
  t.same(await adjudicator.decide(id, { by: 'Budi', answer: 'distinct' }), { id, decided: 2, wanted: 1 })
  t.equal((await registry.record(id))?.outcome?.status, 'ADJUDICATE_RECORD')
  await t.rejects(adjudicator.decide(id, { by: 'budi', answer: 'distinct' }), {
    code: 'adjudication/decided-before',
  })
  t.match(await adjudicator.decide(id, { by: 'Citra', answer: 'distinct' }), {
    decided: 3,
    status: 'PRINT_READY_RECORD',
  })
})

t.test('what is not there, not open, or withdrawn', async t => {
  const { adjudicator, registry, id, first } = await withQuestion(t)
  for (const other of [v7(), first, ''])
    await t.rejects(adjudicator.decide(other, { by: 'Ani', answer: 'distinct' }), {
      code: 'adjudication/not-open',
    })
  await registry.apply('kiosk-1', { id, event: 'consent-withdrawn', at }, Buffer.from('event'))
  await t.rejects(adjudicator.decide(id, { by: 'Ani', answer: 'distinct' }), {
    code: 'adjudication/not-open',
  })
  t.same(await all(adjudicator.openCases()), [])
})

t.test('a word that was changed, or is of another record, counts for nothing', async t => {
  const { adjudicator, kv, id, first, registry } = await withQuestion(t)
  await adjudicator.decide(id, { by: 'Ani', answer: 'duplicate' })
  const key = keyOf.adjudication(id)
  const [signed] = JSON.parse(Buffer.from((await kv.get(key)) ?? []).toString()) as string[]
  const [header, payload, signature] = signed.split('.')
  const said = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const forged = [
    header,
    Buffer.from(JSON.stringify({ ...said, by: 'Budi' })).toString('base64url'),
    signature,
  ]
  await kv.write([{ put: key, value: encodeValue([signed, forged.join('.')]) }])
  await t.rejects(adjudicator.decide(id, { by: 'Citra', answer: 'duplicate' }), { code: 'seal/untrusted' })

  const elsewhere = Buffer.from((await seal.sealDecision({ ...said, id: first, by: 'Budi' })).body).toString()
  await kv.write([{ put: key, value: encodeValue([signed, elsewhere]) }])
  t.match(await adjudicator.decide(id, { by: 'Citra', answer: 'distinct' }), { decided: 2, wanted: 1 })
  t.equal((await registry.record(id))?.outcome?.status, 'ADJUDICATE_RECORD')

  const [page] = await all(kv.range({ from: keyOf.audit, to: `${keyOf.audit}\uffff`, limit: 1 }))
  const text = Buffer.from(page.value).toString().replace('"who":"Ani"', '"who":"Eve"')
  await kv.write([{ put: page.key, value: Buffer.from(text) }])
  t.same(
    (await all(adjudicator.log())).map(({ intact }) => intact),
    [false, false],
    'and the log shows it',
  )
})
