import { createHash } from 'node:crypto'
import { join } from 'node:path'
import t from 'tap'
import { packTemplate } from '../../src/finger/template/at-rest.ts'
import type { KioskRecord } from '../../src/record/record.ts'
import { encodings } from '../support/encodings.ts'
import { enrolment, nik, outcomeFor, receiptFor, sealEvent, template } from './fixture.ts'
import { filesOf, openFolderStore } from './folder.ts'

function holds(files: Map<string, Buffer>, secret: Buffer): boolean {
  return encodings(secret).some(needle => [...files.values()].some(bytes => bytes.includes(needle)))
}

/**
 * Goal: nothing on the disk tells who enrolled, or holds a finger, in any encoding.
 * Method: enrol known people and look for them in every raw file: number, its plain hashes, and stretches
 * of the packed templates. The search is shown to find what is there.
 */
t.test('no NIK and no template is in the files of a data folder', async t => {
  const data = join(t.testdir({ data: {} }), 'data')
  const people = [11, 12, 13, 14]
  const records: KioskRecord[] = []
  let body: Uint8Array = new Uint8Array()
  for (let opening = 0; opening < 2; opening++) {
    const store = await openFolderStore(data)
    for (const person of people) {
      const made = enrolment({ person, fingers: 2 })
      records.push(await store.enrol(made))
      body = made.sealed()
    }
    const [first, second, third] = records.slice(-4)
    await store.outbox.markPublished([first.id])
    await store.outbox.settle(receiptFor(first))
    await store.applyOutcome(outcomeFor(first))
    await store.outbox.setAside(second.id, 'broker/too-large')
    await store.withdraw(third.id, 'operator', sealEvent)
    await store.close()
  }
  const files = await filesOf(data)
  t.ok(files.size > 5)
  t.ok(holds(files, Buffer.from(body.subarray(0, 60))), 'the search finds what is there')
  t.ok(holds(files, Buffer.from(records[7].id)), 'also in keys')
  for (const person of people) {
    const number = Buffer.from(nik(person))
    t.notOk(holds(files, number), 'the number')
    for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512'])
      t.notOk(holds(files, createHash(algorithm).update(number).digest()), `its ${algorithm}`)
    for (const seed of [person * 10, person * 10 + 1]) {
      const packed = Buffer.from(packTemplate(template(seed)))
      for (let at = 8; at + 24 <= packed.length; at += 24)
        if (holds(files, packed.subarray(at, at + 24))) t.fail(`template bytes at ${at}`)
    }
  }
})
