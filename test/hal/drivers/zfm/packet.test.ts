import t from 'tap'
import {
  auraLed,
  decodeSystemParameters,
  encodeSystemParameters,
  genImg,
  packImage,
  readSysPara,
  setBaudRate,
  unpackImage,
  upImage,
  verifyPassword,
} from '../../../../hal/drivers/zfm/commands.ts'
import {
  ADDRESS_DEFAULT,
  encodePacket,
  PACKET,
  type Packet,
  PacketReader,
} from '../../../../hal/drivers/zfm/packet.ts'
import { Random } from '../../../../src/finger/synthetic/random.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const packetOf = (payload: Uint8Array, kind: Packet['kind'] = PACKET.command): Packet => ({
  address: ADDRESS_DEFAULT,
  kind,
  payload,
})

/** Frames and checksums of the GROW R503 manual. */
t.test('golden frames of the manual', async t => {
  const golden: [string, Packet, string][] = [
    ['AuraLed breathing cyan', packetOf(auraLed('breathe', 'cyan')), 'ef01ffffffff0100073501500600' + '0094'],
    ['acknowledgement', packetOf(Uint8Array.of(0), PACKET.acknowledgement), 'ef01ffffffff07000300000a'],
    ['AutoIdentify', packetOf(bytesOf('32 03 00 c8 01 01')), 'ef01ffffffff010008320300c801010108'],
    ['GenImg', packetOf(genImg()), 'ef01ffffffff010003010005'],
    ['UpImage', packetOf(upImage()), 'ef01ffffffff0100030a000e'],
    ['ReadSysPara', packetOf(readSysPara()), 'ef01ffffffff0100030f0013'],
    ['HandShake', packetOf(Uint8Array.of(0x40)), 'ef01ffffffff010003400044'],
  ]
  for (const [name, packet, frame] of golden) {
    t.equal(hex(encodePacket(packet)), frame, name)
    t.same(new PacketReader().push(bytesOf(frame)), [packet], name)
  }
})

t.test('commands with parameters', async t => {
  t.equal(hex(verifyPassword(0x01020304)), '1301020304')
  t.equal(hex(setBaudRate(115_200)), '0e040c')
  t.throws(() => setBaudRate(14_400))
})

t.test('system parameters go there and back; other shapes are refused', async t => {
  const parameters = {
    busy: true,
    librarySize: 200,
    security: 3,
    address: ADDRESS_DEFAULT,
    packetBytes: 128,
    baudRate: 57_600,
  }
  const payload = encodeSystemParameters(parameters)
  t.equal(hex(payload), '00' + '0001' + '0000' + '00c8' + '0003' + 'ffffffff' + '0002' + '0006')
  t.same(decodeSystemParameters(payload), parameters)
  t.equal(decodeSystemParameters(payload.subarray(1)), undefined)
  t.equal(decodeSystemParameters(payload.with(14, 9)), undefined)
})

t.test('images: two pixels a byte, high nibble first, 15 is white', async t => {
  t.same([...unpackImage(Uint8Array.of(0xf0, 0x1a))], [255, 0, 17, 170])
  t.same([...packImage(Uint8Array.of(255, 0, 17, 170))], [0xf0, 0x1a])
})

/**
 * Goal: whatever surrounds them, whole packets are found, and nothing else is taken for one.
 * Method: 100,000 random streams of good packets, packets with one byte changed, halves of packets, and
 * noise that loves the start bytes, cut at random places; all the good ones must come out. A spoilt
 * length may swallow what follows it, so after each spoilt piece `flush` plays the quiet line.
 */
t.test('100,000 random streams: every good packet is found, the memory stays bounded', async t => {
  const random = new Random(503)
  let lost = 0
  let invented = 0
  let found = 0
  for (let stream = 0; stream < 100_000; stream++) {
    const reader = new PacketReader()
    const expected: string[] = []
    const got: string[] = []
    const feed = (bytes: Uint8Array) => {
      const cut = random.below(bytes.length + 1)
      for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)])
        got.push(...reader.push(part).map(packet => hex(packet.payload)))
    }
    for (let piece = random.below(4); piece >= 0; piece--) {
      const payload = Uint8Array.from({ length: random.below(12) }, () => random.below(256))
      const packet = encodePacket(packetOf(payload, PACKET.data))
      const fate = random.below(4)
      if (fate === 0) {
        feed(packet)
        expected.push(hex(payload))
        continue
      }
      if (fate === 1) packet[6 + random.below(packet.length - 6)] ^= 1 << random.below(8)
      const spoilt = fate === 2 ? packet.subarray(0, random.below(packet.length)) : packet
      feed(fate === 3 ? noise(random) : spoilt)
      got.push(...reader.flush().map(packet => hex(packet.payload)))
    }
    found += expected.length
    const surplus = [...got]
    for (const payload of expected) {
      const at = surplus.indexOf(payload)
      if (at < 0) lost++
      else surplus.splice(at, 1)
    }
    invented += surplus.length
  }
  t.ok(found > 50_000)
  t.equal(lost, 0)
  t.ok(invented <= 5, 'a sum of 16 bits lets one spoilt length in 65,536 pass, and no more')
})

function noise(random: Random): Uint8Array {
  return Uint8Array.from(
    { length: random.below(40) },
    () => [0xef, 0x01, 0xff, random.below(256)][random.below(4)],
  )
}

t.test('a packet hidden behind half a packet is found without a pause', async t => {
  const good = encodePacket(packetOf(Uint8Array.of(0), PACKET.acknowledgement))
  const half = encodePacket(packetOf(new Uint8Array(20), PACKET.data)).subarray(0, 15)
  const reader = new PacketReader()
  const packets = reader.push(Uint8Array.of(...half, ...good, ...good, ...good))
  t.equal(packets.length, 3)
  t.equal(reader.skippedBytes, 15)
})

t.test('a length that no packet has is noise', async t => {
  const reader = new PacketReader()
  for (const length of ['0000', '0001', '0103', 'ffff'])
    t.same(reader.push(bytesOf(`ef01ffffffff07${length}00`)), [], length)
  t.equal(reader.push(encodePacket(packetOf(new Uint8Array(256), PACKET.data))).length, 1)
})
