/** Goal: the centre's answer says where a record stands, and nothing of whose it is or whom it resembles. */
import t from 'tap'
import type { AbisRecord } from '../../src/abis/layout.ts'
import { statusAnswer } from '../../src/abis/status-answer.ts'
import { statusAnswerSchema } from '../../src/record/submission.ts'

const id = '019abcde-f012-7345-8678-9abcdef01234'
const question = '5f0cbb52-5d6f-4dd4-9f2b-0d6c5a1f7b10'
const at = '2026-11-29T03:00:00.000Z'
const record: AbisRecord = {
  id,
  kiosk: 'kiosk-1',
  sequence: 1,
  bootEpoch: 'epoch-one',
  sha256: '0'.repeat(64),
  nik: '3171234567890001',
  capturedAt: at,
  receivedAt: at,
  fingers: [],
}
const answer = (change: Partial<AbisRecord>) =>
  statusAnswerSchema.parse(statusAnswer({ id, question }, { ...record, ...change }))

t.test('received, decided, replaced, withdrawn, and not there', async t => {
  t.match(answer({}), {
    known: true,
    history: [{ status: 'BIO_CAPTURED' }, { status: 'RECEIVED_AT_CENTRAL' }],
  })
  const reason = 'duplicate-of:019abcde-f012-7345-8678-000000000000'
  const duplicate = answer({ outcome: { status: 'DUPLICATE_RECORD', reason, at, seq: 1 } })
  t.match(duplicate, { history: [{}, {}, { status: 'DUPLICATE_RECORD', at }] })
  t.notMatch(JSON.stringify(duplicate), /duplicate-of|31712345/)
  t.match(answer({ supersededBy: id }), { exception: 'superseded' })
  t.match(answer({ withdrawnAt: at, supersededBy: id }), { exception: 'withdrawn' })
  t.same(statusAnswer({ id, question }, undefined), { id, question, known: false })
})
