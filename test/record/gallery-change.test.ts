/**
 * Goal: a change of a gallery is what the ABIS made or is refused, whoever put it together; its digest tells it from
 * every other; one never holds more than it may.
 * Method: 20,000 random edits of an honest change's text, by a seeded generator; a hand-made one a rule; a content
 * that is filled until it says no.
 */
import { strict as assert } from 'node:assert'
import t from 'tap'
import { v7 } from 'uuid'
import { Random } from '../../src/finger/synthetic/random.ts'
import {
  ChangeContent,
  digestAfter,
  type GalleryChange,
  type GalleryPerson,
  galleryChangeSchema,
  galleryQuestionSchema,
  isInScope,
} from '../../src/record/gallery-change.ts'

const QUESTION = '5f0cbb52-5d6f-4dd4-9f2b-0d6c5a1f7b10'
const at = '2026-06-01T08:00:00.000Z'

const person = (id = v7(), templateBytes = 12): GalleryPerson => ({
  id,
  fingers: [1, 6].map(position => ({
    position,
    template: Buffer.alloc(templateBytes, position).toString('base64'),
  })),
})

function honest(previous = QUESTION): GalleryChange {
  const content = { remove: [v7(), v7()], add: [person(), person()] }
  return {
    previous,
    digest: digestAfter(previous, content),
    ...content,
    inScope: 4,
    complete: true,
    at,
  }
}

t.test('20,000 edited texts: refused, or noticed by the digest', t => {
  const random = new Random(20_261_130)
  const below = (limit: number) => Math.floor(random.uniform() * limit)
  const change = honest()
  assert(galleryChangeSchema.safeParse(change).success)
  const text = JSON.stringify(change)
  const content = ({ previous, remove, add }: GalleryChange) => JSON.stringify([previous, remove, add])
  const signs = '{}[]",:0123456789abcdefAZ+/=- .eE\\u0000é'
  const seen = { refused: 0, noticed: 0, same: 0 }
  for (let count = 0; count < 20_000; count++) {
    let edited = text
    for (let edits = 1 + below(3); edits > 0; edits--) {
      const from = below(edited.length)
      const length = below(4) === 0 ? below(200) : below(2)
      const put =
        below(3) === 0 ? text.slice(below(text.length)).slice(0, below(60)) : signs[below(signs.length)]
      edited = edited.slice(0, from) + put + edited.slice(from + length)
    }
    let value: unknown
    try {
      value = JSON.parse(edited)
    } catch {
      seen.refused++
      continue
    }
    const read = galleryChangeSchema.safeParse(value)
    if (!read.success) seen.refused++
    else if (content(read.data) === content(change)) seen.same++
    else if (digestAfter(read.data.previous, read.data) === read.data.digest) t.fail('unnoticed', { edited })
    else seen.noticed++
  }
  t.comment(seen)
  t.ok(seen.noticed > 100 && seen.same > 10 && seen.refused > 1_000, 'the edits reach every end')
  t.end()
})

t.test('each rule', t => {
  const change = honest()
  const [one, two] = change.add
  const wrong: Record<string, object> = {
    'a record twice': { add: [one, one] },
    'a finger twice': { add: [{ ...one, fingers: [one.fingers[0], one.fingers[0]] }] },
    nobody: { add: [{ ...one, fingers: [] }, two] },
    'an eleventh finger': { add: [{ ...one, fingers: [{ ...one.fingers[0], position: 11 }] }] },
    'no template': { add: [{ ...one, fingers: [{ position: 1, template: '' }] }] },
    'a template that is none': { add: [{ ...one, fingers: [{ position: 1, template: '****' }] }] },
    'a huge template': { add: [person(undefined, 4_000)] },
    'an id that is a path': { remove: ['../../x'] },
    'too many to forget': { remove: Array.from({ length: 2_001 }, () => one.id) },
    'no beginning': { previous: '' },
    'a digest in capitals': { digest: change.digest.toUpperCase() },
    'a name': { nik: '3171011708850001' },
    'less than nobody': { inScope: -1 },
  }
  for (const [what, part] of Object.entries(wrong))
    t.equal(galleryChangeSchema.safeParse({ ...change, ...part }).success, false, what)
  const gallery = { scope: ['31', '3171', '317101'], fingersMax: 100 }
  const question = { question: QUESTION, at, gallery }
  t.ok(galleryQuestionSchema.safeParse(question).success)
  for (const scope of [['3'], ['317'], ['31710112'], ['3x'], ['']])
    t.notOk(
      galleryQuestionSchema.safeParse({ ...question, gallery: { ...gallery, scope } }).success,
      String(scope),
    )
  t.end()
})

t.test('the digest follows the whole chain', t => {
  const content = { remove: [], add: [person()] }
  const one = digestAfter(QUESTION, content)
  t.notSame(digestAfter(v7(), content), one, 'another question, another beginning')
  t.notSame(digestAfter(one, content), one)
  t.equal(digestAfter(one, { remove: [], add: [] }), one, 'nothing changed')
  t.match(digestAfter(QUESTION, { remove: [], add: [] }), /^[0-9a-f]{64}$/, 'nobody is a gallery, too')
  const shuffled = { add: content.add.map(({ id, fingers }) => ({ fingers, id })), remove: [] }
  t.equal(digestAfter(QUESTION, shuffled), one, 'names have no order')
  const swapped = { remove: [], add: [{ ...content.add[0], fingers: content.add[0].fingers.toReversed() }] }
  t.notSame(digestAfter(QUESTION, swapped), one)
  t.end()
})

t.test('a change holds so much and no more, and never nothing', t => {
  const content = new ChangeContent()
  let added = 0
  while (content.include(person(undefined, 300))) added++
  t.equal(content.add.length, added)
  t.equal(added, Math.floor((128 * 1024) / 800))
  let removed = 0
  while (content.forget(v7())) removed++
  t.equal(removed, 2_000)
  const large = new ChangeContent()
  const giant = { id: v7(), fingers: [{ position: 1, template: 'A'.repeat(200_000) }] }
  t.ok(large.include(giant), 'one is always taken')
  t.notOk(large.include(giant))
  const full: GalleryChange = { ...honest(), remove: content.remove, add: content.add }
  t.ok(galleryChangeSchema.safeParse({ ...full, digest: digestAfter(full.previous, full) }).success)
  t.end()
})

t.test('a scope is what NIKs begin with', t => {
  t.ok(isInScope('3171011708850001', ['3171']))
  t.ok(isInScope('3171011708850001', ['9999', '317101']))
  t.notOk(isInScope('3171011708850001', ['3172', '11']))
  t.notOk(isInScope('3171011708850001', []))
  t.end()
})
