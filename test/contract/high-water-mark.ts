import type { Test } from 'tap'
import type { HighWaterMark } from '../../src/store/high-water-mark.ts'

/** Goal: what was written is read again, by the next opening too. Each `open` is on the same disk. */
export function highWaterMarkContract(t: Test, newDisk: (t: Test) => { open(): HighWaterMark }): void {
  t.test('there is none, then there is', async t => {
    const disk = newDisk(t)
    const first = disk.open()
    t.equal(await first.read(), undefined)
    await first.write({ bootEpoch: 'epoch', sequence: 0, confirmed: 0 })
    t.same(await first.read(), { bootEpoch: 'epoch', sequence: 0, confirmed: 0, damaged: false })
    for (let sequence = 1; sequence <= 5; sequence++) {
      await first.write({ bootEpoch: 'epoch', sequence, confirmed: sequence - 1 })
      t.equal((await first.read())?.sequence, sequence)
    }
    await first.close()
    const second = disk.open()
    t.same(await second.read(), { bootEpoch: 'epoch', sequence: 5, confirmed: 4, damaged: false })
    await second.write({ bootEpoch: 'epoch', sequence: 6, confirmed: 5 })
    await second.close()
    const third = disk.open()
    t.equal((await third.read())?.sequence, 6)
    // A commit that was cut off gives its numbers back.
    await third.write({ bootEpoch: 'epoch', sequence: 5, confirmed: 5 })
    await third.close()
    const fourth = disk.open()
    t.same(await fourth.read(), { bootEpoch: 'epoch', sequence: 5, confirmed: 5, damaged: false })
    await fourth.close()
  })
}
