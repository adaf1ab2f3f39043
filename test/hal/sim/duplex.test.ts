import t from 'tap'
import { Duplex } from '../../../hal/sim/duplex.ts'
import { bytePortContract } from '../../contract/byte-port.ts'
import { ManualClock } from '../../support/manual-clock.ts'

bytePortContract('the line in the process', async () => {
  const clock = new ManualClock()
  const line = new Duplex(clock)
  const heard: number[] = []
  line.part.onBytes(bytes => heard.push(...bytes))
  return {
    port: line.host,
    heard: () => heard,
    say: bytes => line.part.write(bytes),
    until: () => clock.advance(1000),
    settle: () => clock.advance(1000),
    cut: async () => line.cut(),
    mend: async () => line.mend(),
  }
})

t.test('bytes take their time: ten bits each', async t => {
  const clock = new ManualClock()
  const line = new Duplex(clock)
  const arrivals: number[] = []
  line.host.onBytes(() => arrivals.push(Math.round(clock.monotonicMs())))
  await line.host.open()
  line.part.write(new Uint8Array(576))
  line.part.write(new Uint8Array(576))
  await clock.advance(1000)
  t.same(arrivals, [100, 200])
})

t.test('ends that do not agree on the rate hear other bytes', async t => {
  const clock = new ManualClock()
  const line = new Duplex(clock)
  const heard: number[] = []
  line.part.onBytes(bytes => heard.push(...bytes))
  await line.host.open()
  await line.host.setBaudRate(9600)
  await line.host.write(Uint8Array.of(1, 2, 3))
  await clock.advance(1000)
  t.equal(heard.length, 3)
  t.not(heard[0], 1)
})
