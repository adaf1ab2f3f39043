import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { SimulatedGpio } from '../../../hal/sim/gpio-lines.ts'
import { gpioLineContract } from '../../contract/gpio-line.ts'

gpioLineContract('simulated lines', async () => {
  const lines = new SimulatedGpio()
  lines.setFault('sim:99', 'gone')
  lines.setFault('no-such-chip:0', 'gone')
  return {
    lines,
    inputLine: 'sim:1',
    outputLine: 'sim:2',
    missingLine: 'sim:99',
    set: async volts => lines.set('sim:1', volts),
    level: async () => lines.level('sim:2'),
    until: async condition => {
      for (let turn = 0; turn < 10 && !condition(); turn++) await setImmediate()
    },
    settle: async () => {
      await setImmediate()
    },
  }
})

t.test('a line that goes away rejects, says nothing, and can come back', async t => {
  const lines = new SimulatedGpio()
  const heard: boolean[] = []
  const input = lines.input('sim:4')
  input.onEdge(active => heard.push(active))
  await input.open()
  lines.setFault('sim:4', 'gone')
  lines.set('sim:4', 1)
  await setImmediate()
  await t.rejects(input.read(), { code: 'hal/no-answer' })
  t.same(heard, [])
  lines.setFault('sim:4', undefined)
  t.equal(await input.read(), true)
})

t.test('a line of another group is refused', async t => {
  const lines = new SimulatedGpio()
  lines.setFault('sim:4', 'no-permission')
  await t.rejects(lines.output('sim:4').open(), { code: 'hal/no-permission' })
})
