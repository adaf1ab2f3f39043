import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { fileHighWaterMark, type Mark, memoryHighWaterMark } from '../../src/store/high-water-mark.ts'
import { highWaterMarkContract } from '../contract/high-water-mark.ts'

t.test('in memory', async t =>
  highWaterMarkContract(t, () => {
    const disk: { mark?: Mark } = {}
    return { open: () => memoryHighWaterMark(disk) }
  }),
)

t.test('in a file', async t =>
  highWaterMarkContract(t, t => {
    const path = join(t.testdir(), 'mark')
    return { open: () => fileHighWaterMark(path) }
  }),
)

/**
 * Goal: no flipped bit and no torn write makes another number of the mark; damage is told.
 * Method: flip every bit of a file in turn, and cut it at every length.
 */
t.test('damage is noticed, and the other slot serves', async t => {
  const path = join(t.testdir(), 'mark')
  const mark = fileHighWaterMark(path)
  for (let sequence = 40; sequence <= 42; sequence++)
    await mark.write({ bootEpoch: 'e'.repeat(32), sequence, confirmed: sequence - 1 })
  await mark.close()
  const whole = await readFile(path)
  const read = async (bytes: Uint8Array) => {
    await writeFile(path, bytes)
    const damaged = fileHighWaterMark(path)
    const found = await damaged.read()
    await damaged.close()
    return found
  }
  let noticed = 0
  const wrong: object[] = []
  const text = (slot: number) => whole.indexOf(' ', slot) - slot
  for (const slot of [0, 4096])
    for (let bit = 0; bit < 8 * text(slot); bit++) {
      const flipped = Buffer.from(whole)
      flipped[slot + (bit >> 3)] ^= 1 << (bit & 7)
      const found = await read(flipped)
      if (found?.damaged) noticed++
      if (found === undefined || found.sequence < 41 || found.sequence > 42 || !found.damaged)
        wrong.push({ slot, bit, found })
    }
  t.ok(noticed > 1000)
  t.same(wrong, [])
  for (let bytes = 0; bytes < 4096 + text(4096); bytes += 16) {
    const found = await read(whole.subarray(0, bytes))
    if (found && (!found.damaged || found.sequence < 41 || found.sequence > 42)) wrong.push({ bytes, found })
  }
  t.same(wrong, [])
})

t.test('a mark beyond help is none, and the next write makes it anew', async t => {
  const path = join(t.testdir(), 'mark')
  await writeFile(path, new Uint8Array(5000))
  const mark = fileHighWaterMark(path)
  t.equal(await mark.read(), undefined)
  await mark.write({ bootEpoch: 'epoch', sequence: 7, confirmed: 7 })
  t.same(await mark.read(), { bootEpoch: 'epoch', sequence: 7, confirmed: 7, damaged: false })
  await mark.close()
})

t.test('a disk that refuses is kv/io', async t => {
  const path = join(t.testdir(), 'mark')
  await mkdir(path)
  const mark = fileHighWaterMark(path)
  await t.rejects(mark.read(), { code: 'kv/io' })
  await t.rejects(mark.write({ bootEpoch: 'epoch', sequence: 1, confirmed: 0 }), { code: 'kv/io' })
})
