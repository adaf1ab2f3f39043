import t from 'tap'
import {
  COMMAND,
  cardIn,
  firmwareVersion,
  lookThreeTimes,
  normalMode,
} from '../../../../hal/drivers/pn532/commands.ts'
import { ACK, decodeFrame, encodeFrame, type Frame, NACK, TFI } from '../../../../hal/drivers/pn532/frame.ts'
import { PN532_ADDRESS, Pn532 } from '../../../../hal/drivers/pn532/pn532.ts'
import type { Card } from '../../../../hal/ports/card-reader.ts'
import { SimulatedCardReader } from '../../../../hal/sim/card-reader.ts'
import { Pn532Device } from '../../../../hal/sim/pn532-device.ts'
import { Random } from '../../../../src/finger/synthetic/random.ts'
import { cardReaderContract } from '../../../contract/card-reader.ts'
import { i2cBench } from '../../../support/i2c-bench.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { replayI2c } from '../../../support/replay-i2c.ts'

const request = (timeoutMs = 3000) => ({ timeoutMs, signal: new AbortController().signal })
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const card: Card = { type: 'iso14443a', uid: Uint8Array.of(4, 1, 2, 3, 4, 5, 6) }

function bench(seed?: number) {
  const parts = i2cBench(seed)
  const device = new Pn532Device(parts.clock)
  parts.wires.attach(PN532_ADDRESS, device)
  return { ...parts, device, part: new Pn532({ bus: parts.bus, clock: parts.clock }) }
}

async function opened(seed?: number) {
  const parts = bench(seed)
  await parts.clock.finish(parts.part.open())
  parts.device.card = card
  return parts
}

cardReaderContract('the driver of a PN532', async () => {
  const { clock, device, part } = bench()
  return {
    part,
    clock,
    present(other) {
      device.card = other
    },
    setSilent(silent) {
      device.silent = silent
    },
  }
})

cardReaderContract('a simulated card reader', async () => {
  const clock = new ManualClock()
  const part = new SimulatedCardReader(clock)
  return { part, clock, present: other => part.present(other), setSilent: silent => part.setSilent(silent) }
})

/** Frames of UM0701-02 and of the documents of its makers' boards. */
t.test('golden frames', async t => {
  t.equal(hex(encodeFrame(TFI.toPart, [COMMAND.getFirmwareVersion])), '0000ff02fed4022a00')
  t.equal(hex(encodeFrame(TFI.toPart, [COMMAND.samConfiguration, 1, 0x14, 1])), '0000ff05fbd4140114010200')
  t.equal(hex(encodeFrame(TFI.toPart, [COMMAND.inListPassiveTarget, 1, 0])), '0000ff04fcd44a0100e100')
  t.same(decodeFrame(bytesOf('00 00 ff 06 fa d5 03 32 01 06 07 e8 00')), {
    kind: 'data',
    tfi: TFI.fromPart,
    data: bytesOf('03 32 01 06 07'),
  })
  t.same(decodeFrame(bytesOf('00 00 ff 01 ff 7f 81 00')), { kind: 'error' })
  t.same(decodeFrame(ACK), { kind: 'ack' })
  t.same(decodeFrame(NACK), { kind: 'nack' })
})

t.test('a frame with a wrong sum, or cut, is none; one behind noise is found', async t => {
  const frame = encodeFrame(TFI.fromPart, [0x4b, 1, 2, 3])
  for (let bit = 24; bit < (frame.length - 1) * 8; bit++) {
    const spoilt = frame.slice()
    spoilt[bit >> 3] ^= 1 << (bit & 7)
    if (decodeFrame(spoilt)?.kind === 'data') t.fail(`bit ${bit} flipped`)
  }
  for (let end = 0; end < frame.length - 1; end++)
    t.equal(decodeFrame(frame.subarray(0, end)), undefined, `cut at ${end}`)
  const hidden = Uint8Array.of(0x00, 0xff, 0x20, 0xe0, 0xff, 0x00, ...frame, 0xff)
  t.match(decodeFrame(hidden), { kind: 'data', data: Uint8Array.of(0x4b, 1, 2, 3) })
})

t.test('cards, and what is none', async t => {
  const a = '01 01 00 04 08 04 de ad be ef'
  t.same(cardIn(bytesOf(a), 'iso14443a'), { type: 'iso14443a', uid: bytesOf('deadbeef') })
  t.same(cardIn(bytesOf(`${a} 05 78 80 70 02`), 'iso14443a'), { type: 'iso14443a', uid: bytesOf('deadbeef') })
  const b = '01 01 50 11 22 33 44 00 00 00 00 00 81 81 01 00'
  t.same(cardIn(bytesOf(b), 'iso14443b'), { type: 'iso14443b', uid: bytesOf('11223344') })
  t.equal(cardIn(bytesOf('00'), 'iso14443a'), 'none')
  for (const odd of [
    '',
    '02',
    '01 02',
    '01 01 00 04 08 05 01 02 03 04 05',
    '01 01 00 04 08 07 01 02',
    a.slice(0, 14),
  ])
    t.equal(cardIn(bytesOf(odd), 'iso14443a'), undefined, odd)
  t.equal(cardIn(bytesOf('01 01 51 11 22 33 44'), 'iso14443b'), undefined)
  t.equal(cardIn(bytesOf('01 01 50 11 22'), 'iso14443b'), undefined)
  t.equal(firmwareVersion(bytesOf('32 01 06 07')), '1.6')
  t.equal(firmwareVersion(bytesOf('33 01 06 07')), undefined)
})

const line = (bytes: Uint8Array, length: number) => {
  const whole = new Uint8Array(length).fill(0xff)
  whole.set([0x01, ...bytes])
  return hex(whole)
    .toUpperCase()
    .replace(/..(?=.)/g, '$& ')
}
const answer = (data: ArrayLike<number>) => `24 < ${line(encodeFrame(TFI.fromPart, data), 65)}`
const command = (data: ArrayLike<number>) =>
  `24 > ${hex(encodeFrame(TFI.toPart, data))
    .toUpperCase()
    .replace(/..(?=.)/g, '$& ')}\n24 < ${line(ACK, 7)}`

t.test('a conversation: asleep at first, then configured, then a card', async t => {
  const busy = `24 < ${hex(new Uint8Array(65)).replace(/..(?=.)/g, '$& ')}`
  const wrongSum = answer([0x4b, 0]).replace('D5 4B', 'D5 4A')
  const bus = replayI2c(`
    ${command([2]).split('\n')[0]} !                # asleep
    24 > 00 00 FF 00 FF 00                          # whatever it was at, no more
    ${command([2])}
    ${answer([0x4b, 0])}                            # to a command before
    24 > 00 00 FF 00 FF 00
    ${command([2])}
    ${answer([3, 0x32, 1, 6, 7])}
    ${command(normalMode)}
    ${answer([0x15])}
    ${command(lookThreeTimes)}
    ${answer([0x33])}
    ${command([0x4a, 1, 0])}
    ${busy}
    ${wrongSum}
    24 > 00 00 FF FF 00 00                          # once more
    ${answer([0x4b, 0])}
    ${command([0x4a, 1, 3, 0])}
    ${answer([0x4b, 1, 1, 0x50, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0x81, 0x81, 1, 0])}
  `)
  const clock = new ManualClock()
  const part = new Pn532({ bus, clock })
  await clock.finish(part.open())
  t.same(await clock.finish(part.waitForCard(request())), {
    type: 'iso14443b',
    uid: Uint8Array.of(1, 2, 3, 4),
  })
  bus.done()
})

t.test('the technician sees the firmware, and whether a card lies there, not its number', async t => {
  const { clock, part } = await opened()
  t.same(await clock.finish(part.diagnose(request())), [
    { name: 'firmware', value: '1.6' },
    { name: 'card', value: true },
  ])
})

t.test('spoilt answers and lost commands cost repetitions', async t => {
  const { clock, device, part } = await opened()
  device.spoiltAnswers = 3
  device.deafFor = 1
  t.same(await clock.finish(part.waitForCard(request())), card)
  device.spoiltAnswers = 1000
  const startMs = clock.monotonicMs()
  await t.rejects(clock.finish(part.waitForCard(request())), { code: 'hal/no-answer' })
  t.ok(clock.monotonicMs() - startMs <= 3000)
})

t.test('unplugged in the middle and plugged back: it is configured anew', async t => {
  const { clock, device, part, wires } = await opened()
  device.card = undefined
  const waiting = part.waitForCard(request())
  await clock.advance(100)
  wires.detach(PN532_ADDRESS)
  device.losePower()
  await t.rejects(clock.finish(waiting), { code: 'hal/no-answer' })
  wires.attach(PN532_ADDRESS, device)
  device.card = card
  t.same(await clock.finish(part.waitForCard(request())), card)
  t.equal(device.heard.filter(code => code === COMMAND.samConfiguration).length, 2)
})

t.test('another part at its address', async t => {
  const { clock, wires, part } = bench()
  wires.attach(PN532_ADDRESS, { write: () => true, read: () => new Uint8Array(0) })
  await t.rejects(clock.finish(part.open()), { code: 'hal/no-answer' })
  t.ok(clock.monotonicMs() <= 2000)
})

t.test('noisy wires: the number is right, or none is given', async t => {
  const { clock, part, wires } = await opened(532)
  wires.setFlipRate(0.002)
  let found = 0
  for (let time = 0; time < 100; time++) {
    const seen = await clock.finish(part.waitForCard(request())).catch(cause => {
      if (!['hal/no-answer', 'hal/no-card', 'hal/bad-answer'].includes(cause.code)) throw cause
    })
    if (!seen) continue
    found++
    t.same(seen, card)
  }
  t.ok(found > 80, `found ${found} times`)
})

/**
 * Goal: a whole frame is found whatever stands before it, and nothing else crashes the reader or is taken for one.
 * Method: 100,000 random streams of noise that loves start codes, before, after, or in place of a good frame.
 */
t.test('100,000 random streams: the good frame is found', async t => {
  const random = new Random(24)
  const noise = (bytes: number) =>
    Uint8Array.from({ length: bytes }, () => [0x00, 0xff, 0x01, random.below(256)][random.below(4)])
  let found = 0
  let others = 0
  for (let run = 0; run < 100_000; run++) {
    const data = Uint8Array.from({ length: 1 + random.below(20) }, () => random.below(256))
    const before = noise(random.below(12))
    const isNoiseOnly = run % 3 === 0
    const bytes = isNoiseOnly
      ? noise(random.below(64))
      : Uint8Array.of(...before, ...encodeFrame(TFI.fromPart, data))
    const frame: Frame | undefined = decodeFrame(bytes)
    cardIn(bytes, run % 2 === 0 ? 'iso14443a' : 'iso14443b')
    firmwareVersion(bytes)
    if (isNoiseOnly) continue
    if (frame?.kind === 'data' && hex(frame.data) === hex(data)) found++
    else if (frame === undefined) t.fail('the frame was not found', { bytes: hex(bytes) })
    else others++
  }
  // Noise that is itself an acknowledgement, or happens to sum up, comes first.
  t.ok(found > 60_000, `${found} found, ${others} behind another`)
})
