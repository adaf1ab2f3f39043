/**
 * Goal: a serial port of the kernel keeps the contract of a byte port, and says what is wrong with it.
 * Method: `socat` makes a terminal whose other end is a socket of this test; pulling the cord is ending `socat`.
 */
import t from 'tap'
import { SerialLine } from '../../../hal/transport/serial.ts'
import { bytePortContract } from '../../contract/byte-port.ts'
import { ptyLine } from '../../support/pty-line.ts'
import { until } from '../../support/until.ts'

const folder = t.testdir()
const lines: { close(): Promise<void> }[] = []
t.teardown(async () => {
  for (const line of lines) await line.close()
})

async function newLine() {
  const line = await ptyLine()
  lines.push(line)
  return line
}

bytePortContract('a serial port', async () => {
  const line = await newLine()
  return {
    port: new SerialLine({ path: line.path, baudRate: 57_600 }),
    heard: () => line.heard,
    say: bytes => line.part.write(bytes),
    until,
    settle: line.settle,
    cut: line.cut,
    mend: line.mend,
  }
})

t.test('the rate can be changed while it is open, and is kept when it is opened again', async t => {
  const line = await newLine()
  const port = new SerialLine({ path: line.path })
  await t.rejects(port.setBaudRate(57_600), { code: 'hal/not-open' })
  await port.open()
  await port.setBaudRate(115_200)
  await port.write(Uint8Array.of(1))
  await port.close()
  await port.open()
  await port.write(Uint8Array.of(2))
  await until(() => line.heard.length > 1)
  t.same(line.heard, [1, 2])
  await port.close()
})

t.test('what came in before it was opened is nobody’s answer', async t => {
  const line = await newLine()
  const port = new SerialLine({ path: line.path })
  const received: number[] = []
  port.onBytes(bytes => received.push(...bytes))
  line.part.write(Uint8Array.of(1, 2, 3))
  await line.settle()
  await port.open()
  await line.settle()
  line.part.write(Uint8Array.of(9))
  await until(() => received.length > 0)
  t.same(received, [9])
  await port.close()
})

t.test('a port that somebody else holds, or that is not there, is said so with what to do', async t => {
  const line = await newLine()
  const first = new SerialLine({ path: line.path })
  await first.open()
  const second = new SerialLine({ path: line.path })
  await t.rejects(second.open(), { code: 'hal/in-use', message: /fuser/ })
  await first.close()
  const missing = new SerialLine({ path: `${folder}/nowhere` })
  await t.rejects(missing.open(), { code: 'hal/no-answer', message: /nowhere.*plug it in/ })
  await missing.close()
})

t.test('without its package it says which one to install', async t => {
  const port = new SerialLine({
    path: '/dev/null',
    load: () => Promise.reject(new Error('no prebuilt binary')),
  })
  await t.rejects(port.open(), { code: 'hal/not-installed', message: /npm install serialport/ })
})
