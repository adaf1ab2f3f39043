/** Goal: what a board needs and the machine has not is said in one line each, with what to do. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readBoard } from '../../../hal/board/board.ts'
import { checkMachine, type Permission } from '../../../hal/board/check-machine.ts'
import { shippedBoard } from '../../../hal/board/shipped-boards.ts'

const chip = (label: string) => ({ label, base: '512', ngpio: '58' })

/** A machine with a header's chip, and files that are there unless they are named. */
function machine(t: Test, faults: Record<string, Permission> = {}, label = 'pinctrl-bcm2711') {
  const gpioPath = t.testdir({ gpiochip512: chip(label) })
  return {
    gpioPath,
    permission: async (path: string) => faults[path.replace(`${gpioPath}/`, 'gpio/')] ?? 'ok',
  }
}

t.test('a machine that has everything', async t => {
  t.same(await checkMachine(shippedBoard('raspberry-pi-4'), machine(t)), [])
})

t.test('each bus and pin that is missing, with what to do', async t => {
  const faults: Record<string, Permission> = {
    '/dev/ttyAMA0': 'missing',
    '/dev/i2c-1': 'forbidden',
    '/dev/usb/lp0': 'missing',
  }
  const problems = await checkMachine(shippedBoard('raspberry-pi-4'), machine(t, faults))
  const lines = problems.map(({ part, problem, remedy }) => `${part}: ${problem}; ${remedy}`)
  t.equal(lines.length, 5)
  t.match(lines[0], /^fingerprint: \/dev\/ttyAMA0 is not there; .*dtoverlay=disable-bt/)
  t.match(lines[1], /^receipt: \/dev\/usb\/lp0 is not there; .*usblp/)
  for (const line of lines.slice(2)) t.match(line, /this user may not use \/dev\/i2c-1; .*usermod -aG i2c/)
})

t.test('pins of another chip, and pins that this user may not use', async t => {
  const other = await checkMachine(shippedBoard('raspberry-pi-4'), machine(t, {}, 'pinctrl-rp1'))
  t.match(other[0].problem, /pinctrl-bcm2711:4 \(there are: pinctrl-rp1\)/)
  const forbidden = await checkMachine(
    shippedBoard('raspberry-pi-4'),
    machine(t, { 'gpio/export': 'forbidden' }),
  )
  t.match(forbidden[0], { part: 'fingerprint', problem: /may not use pins/, remedy: /-aG gpio/ })
})

t.test('other buses have other remedies', async t => {
  const part = (name: string, driver: string, on: object) => ({ name, driver, on })
  const parts = [
    part('a', 'sht31', { i2c: 'i2c:4@0x44' }),
    part('b', 'escpos-receipt-printer', { line: 'serial:/dev/ttyUSB0' }),
    part('c', 'pn532', { i2c: 'i2c:1' }),
  ]
  const files = { gpioPath: join(t.testdir({}), 'none'), permission: async () => 'missing' as const }
  const problems = await checkMachine(readBoard(JSON.stringify({ id: 'x', parts })), files)
  t.match(problems, [{ remedy: /dtoverlay=i2c4/ }, { remedy: /dmesg/ }, { remedy: /dtparam=i2c_arm=on/ }])
})

t.test('this very machine is looked at without an error', async t => {
  for (const name of ['raspberry-pi-4', 'emulated', 'simulated'])
    t.ok(Array.isArray(await checkMachine(shippedBoard(name))))
})
