import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { KioskError } from '../../src/base/errors.ts'
import type { KioskRecord } from '../../src/record/record.ts'
import type { KioskStore } from '../../src/store/store.ts'
import { enrolment, receiptFor } from './fixture.ts'
import { filesOf, openFolderStore } from './folder.ts'

/**
 * Goal: flash that rots is noticed: no wrong byte is ever sent, no submission vanishes without a word,
 * and what is whole is served.
 * Method: a real LevelDB folder with submissions in tables and in the log; one bit is flipped at places
 * spread over every file, or a file is emptied or removed; a copy is opened each time.
 */
const FLIPS_A_FILE = 14

interface Known {
  record: KioskRecord
  body: Buffer
}

async function fill(folder: string): Promise<Known[]> {
  const waiting: Known[] = []
  // Opening moves what is in the log into a table: two tables, and a log.
  for (let opening = 0; opening < 3; opening++) {
    const store = await openFolderStore(folder)
    for (let index = 0; index < 12; index++) {
      const made = enrolment({ bodyBytes: 3000 })
      const record = await store.enrol(made)
      if (index % 4 === 0) await store.outbox.settle(receiptFor(record))
      else waiting.push({ record, body: made.sealed() })
    }
    await store.close()
  }
  return waiting
}

/** Which submissions are neither whole in the queue nor spoken of. */
async function unaccounted(store: KioskStore, waiting: readonly Known[]): Promise<string[]> {
  const peeked = new Map((await store.outbox.peek(1000)).map(entry => [entry.id, entry]))
  const aside = new Set((await store.outbox.setAsideList()).map(({ id }) => id))
  const wrong: string[] = []
  for (const { record, body } of waiting) {
    const entry = peeked.get(record.id)
    if (entry && !body.equals(entry.body)) wrong.push(`${record.sequence} has other bytes`)
    const spokenOf = store.auditFindings.some(
      ({ sequence, id }) => sequence === record.sequence || id === record.id,
    )
    if (!entry && !aside.has(record.id) && !spokenOf) wrong.push(`${record.sequence} vanished`)
  }
  return wrong
}

t.test('one flipped bit, anywhere', async t => {
  const folder = t.testdir({ whole: {}, copy: {} })
  const whole = join(folder, 'whole')
  const copy = join(folder, 'copy')
  const waiting = await fill(whole)
  const outcomes = { refused: 0, reported: 0, served: 0, unharmed: 0 }
  for (const [name, bytes] of await filesOf(whole)) {
    if (/LOG|LOCK/.test(name)) continue // LevelDB's own diary, and an empty file
    for (let flip = 0; flip < FLIPS_A_FILE; flip++) {
      await rm(copy, { recursive: true })
      await cp(whole, copy, { recursive: true })
      const bit = Math.floor(((flip + 0.37) * bytes.length * 8) / FLIPS_A_FILE)
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] ^= 1 << (bit & 7)
      await writeFile(join(copy, name), flipped)
      const store = await openFolderStore(copy).catch((error: unknown) => {
        if (error instanceof KioskError && error.code === 'kv/corrupt') return undefined
        t.fail('opening', { name, bit, error })
        return undefined
      })
      if (!store) {
        outcomes.refused++
        continue
      }
      const wrong = await unaccounted(store, waiting)
      if (wrong.length > 0) t.fail('not noticed', { name, bit, wrong, findings: store.auditFindings })
      outcomes.served += store.outbox.count
      outcomes[store.auditFindings.length > 0 ? 'reported' : 'unharmed']++
      const next = await store.enrol(enrolment())
      if (next.sequence !== 37) t.fail('a number is used again', { name, bit, sequence: next.sequence })
      await store.close()
    }
  }
  t.comment(outcomes)
  t.ok(outcomes.reported > 20)
  t.ok(outcomes.refused > 0)
  t.ok(outcomes.served > 26 * (outcomes.reported + outcomes.unharmed) * 0.7, 'most is served')
})

t.test('a file is gone or empty', async t => {
  const folder = t.testdir({ whole: {}, copy: {} })
  const whole = join(folder, 'whole')
  const copy = join(folder, 'copy')
  const waiting = await fill(whole)
  for (const name of (await filesOf(whole)).keys())
    for (const way of ['gone', 'empty']) {
      if (/LOG|LOCK/.test(name)) continue
      await rm(copy, { recursive: true })
      await cp(whole, copy, { recursive: true })
      await (way === 'gone' ? rm(join(copy, name)) : writeFile(join(copy, name), ''))
      try {
        const store = await openFolderStore(copy)
        t.ok(store.auditFindings.length > 0, `${name} ${way}: reported`)
        t.same(await unaccounted(store, waiting), [], `${name} ${way}: nothing vanishes`)
        await store.close()
      } catch (error) {
        t.match(error, { code: 'kv/corrupt' }, `${name} ${way}: refused`)
      }
    }
})
