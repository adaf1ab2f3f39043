/**
 * Goal: what holds on simulators holds on a real kernel's buses, and one whole enrolment with it, cords and paper
 * included.
 * Method: an arm64 machine in QEMU with Debian's kernel (`scripts/emulated-board`). The contract suites run inside it
 * on the real drivers; then the real runtime does, against a broker and the reference ABIS outside.
 */
import { join } from 'node:path'
import t from 'tap'
import { Machine } from '../../scripts/emulated/machine.ts'
import { serveHands } from './hands-server.ts'

t.setTimeout(580_000)
const suites = ['serial-suite', 'printer-suite', 'pins-suite', 'i2c-suite']
const programs = suites.map(name => join(import.meta.dirname, 'guest', `${name}.ts`))

const machine = await Machine.boot({ programs })
t.teardown(() => machine.off())
const hands = await serveHands(machine)
t.teardown(() => hands.close())

// At once: each has a bus of its own, and they mostly wait.
const results = suites.map(suite => machine.run(`HANDS_PORT=${hands.port} exec node guest/${suite}.js`))
for (const [i, suite] of suites.entries())
  t.test(`the contracts of ${suite} hold on the emulated board`, async t => {
    const { code, text } = await results[i]
    const failures = text.match(/^ *not ok .*$/gm) ?? []
    t.same(failures, [], failures.length > 0 ? text : 'nothing failed')
    t.equal(code, 0, 'the suite ends well')
    t.match(text, /^# \{ total: \d{2,}, pass: \d{2,} \}$/m, 'and they ran to their end')
  })
