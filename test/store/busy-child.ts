/**
 * A kiosk at work, to be killed: enrols, marks, settles and supersedes without end, and says on stdout
 * what was acknowledged, one line each, after it was. `node … busy-child.ts FOLDER`.
 */
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { KioskError } from '../../src/base/errors.ts'
import { enrolment, receiptFor } from './fixture.ts'
import { openFolderStore } from './folder.ts'

const [, , folder, people] = process.argv
// Synchronous, so that a line is out before anything else is done.
const say = (...words: (string | number)[]) => writeSync(1, `${words.join(' ')}\n`)

/** An enrolment that takes longer is spoken of. */
const LONG_TURNS = 10

const store = await openFolderStore(folder)
say('findings', store.auditFindings.length)
/** What else goes on in this process. */
let turns = 0
setInterval(() => turns++, 50).unref()

async function work(round: number): Promise<void> {
  const persons = Array.from(
    { length: 1 + (round % 4) },
    (_, index) => Number(people) + ((round * 3 + index) % 20),
  )
  // With images now and then, so that LevelDB often begins another log.
  const bodyBytes = round % 4 === 3 ? 900_000 : 11_000
  await Promise.all(
    persons.map(async person => {
      const turnsBefore = turns
      const record = await store.enrol(enrolment({ person, bodyBytes, fingers: 1 }))
      say('enrolled', record.id, record.sequence, record.sha256)
      if (turns - turnsBefore > LONG_TURNS) say('waited', turns - turnsBefore)
    }),
  )
  const entries = await store.outbox.peek(2)
  await store.outbox.markPublished(entries.map(({ id }) => id))
  for (const { id, sequence } of entries) say('sent', id, sequence)
  const [oldest] = entries
  if (oldest && round % 2 === 0) {
    const record = await store.record(oldest.id)
    if (record) await store.outbox.settle(receiptFor(record))
    say('settled', oldest.id)
  }
}

for (let round = 0; ; round++) {
  try {
    await work(round)
  } catch (error) {
    // A disk that refuses is no reason to end: the next citizen may have more luck.
    if (!(error instanceof KioskError) || error.code !== 'kv/io') throw error
    say('refused', String(error.cause ?? '').replaceAll('\n', ' '))
    await sleep(2)
  }
}
