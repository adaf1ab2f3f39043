import t from 'tap'
import { SharedI2cBus } from '../../../../hal/ports/shared-i2c-bus.ts'
import { LinuxI2c } from '../../../../hal/transport/i2c/linux-i2c.ts'
import { LinuxI2cBuses } from '../../../../hal/transport/i2c/linux-i2c-buses.ts'
import { type Abilities, planTransfer } from '../../../../hal/transport/i2c/plan.ts'
import { systemClock } from '../../../../src/base/clock.ts'

const smbusOnly: Abilities = {
  i2c: false,
  smbusReceiveByte: true,
  smbusSendByte: true,
  smbusReadByte: true,
  smbusWriteByte: true,
  smbusReadI2cBlock: true,
  smbusWriteI2cBlock: true,
}
const plainOnly: Abilities = {
  i2c: true,
  smbusReceiveByte: false,
  smbusSendByte: false,
  smbusReadByte: false,
  smbusWriteByte: false,
  smbusReadI2cBlock: false,
  smbusWriteI2cBlock: false,
}
const both: Abilities = { ...smbusOnly, i2c: true }

t.test('every transfer goes the best way that its controller knows', async t => {
  for (const [write, read, onBoth, onSmbus, onPlain] of [
    [1, 0, 'write', 'send-byte', 'write'],
    [2, 0, 'write', 'write-register', 'write'],
    [33, 0, 'write', 'write-block', 'write'],
    [34, 0, 'write', undefined, 'write'],
    [0, 1, 'read', 'receive-byte', 'read'],
    [0, 6, 'read', undefined, 'read'],
    [1, 1, 'read-register', 'read-register', 'write-then-read'],
    [1, 32, 'read-block', 'read-block', 'write-then-read'],
    [1, 33, 'write-then-read', undefined, 'write-then-read'],
    [2, 3, 'write-then-read', undefined, 'write-then-read'],
  ] as const) {
    t.equal(planTransfer(both, write, read), onBoth, `${write} ${read}`)
    t.equal(planTransfer(smbusOnly, write, read), onSmbus, `${write} ${read} by SMBus`)
    t.equal(planTransfer(plainOnly, write, read), onPlain, `${write} ${read} plain`)
  }
})

t.test('a bus that this machine does not have is one clear line', async t => {
  // i2c-bus itself, on a number that no machine gives.
  const bus = new LinuxI2cBuses(systemClock).bus(99)
  await t.rejects(bus.open(), { code: 'hal/no-bus', details: { bus: 'i2c:99' } })
})

t.test('without i2c-bus there is one clear line', async t => {
  const load = () => Promise.reject(new Error('Cannot find package'))
  const bus = new SharedI2cBus({ controller: new LinuxI2c({ bus: 1, load }), clock: systemClock }).handle()
  await t.rejects(bus.open(), { code: 'hal/not-installed', message: /npm install i2c-bus/ })
})
