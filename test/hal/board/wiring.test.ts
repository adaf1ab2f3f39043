/** Goal: each form of wiring is read as it is meant, written back as it was, and every other text is refused by name. */
import t from 'tap'
import type { z } from 'zod'
import { headerPins, isRaspberryPi } from '../../../hal/board/raspberry-pi-header.ts'
import {
  onGpio,
  onI2c,
  onIpp,
  onLine,
  onSbi,
  placeOf,
  textOf,
  type Wiring,
  wiresIn,
} from '../../../hal/board/wiring.ts'

const anyLine = onLine('serial', 'usb-printer', 'tcp')

t.test('what is understood', async t => {
  const forms: [z.ZodType<Wiring, string>, string, object, string?][] = [
    [anyLine, 'serial:/dev/ttyAMA0?baud=57600', { bus: 'serial', path: '/dev/ttyAMA0', baudRate: 57_600 }],
    [anyLine, 'serial:/dev/serial/by-id/usb-FTDI_A5-if00', { path: '/dev/serial/by-id/usb-FTDI_A5-if00' }],
    [anyLine, 'usb-printer:/dev/usb/lp0', { bus: 'usb-printer', path: '/dev/usb/lp0' }],
    [anyLine, 'tcp://127.0.0.1:9100', { bus: 'tcp', host: '127.0.0.1', port: 9100 }],
    [anyLine, 'tcp://[::1]:9100', { host: '::1', port: 9100 }],
    [onGpio(), 'pinctrl-bcm2711:17', { bus: 'gpio', chip: 'pinctrl-bcm2711', offset: 17 }],
    [onI2c(), 'i2c:1@0x44', { bus: 'i2c', number: 1, address: 0x44 }],
    [onI2c(0x68), 'i2c:1', { number: 1, address: 0x68 }, 'i2c:1@0x68'],
    [onIpp(), 'ipp://printer.lan:631/ipp/print', { bus: 'ipp', url: 'ipp://printer.lan:631/ipp/print' }],
    [onSbi(), 'sbi:', { bus: 'sbi', portMin: 4501, portMax: 4600 }, 'sbi:4501-4600'],
    [onSbi(), 'sbi:4501', { portMin: 4501, portMax: 4501 }, 'sbi:4501-4501'],
  ]
  for (const [schema, text, wanted, written = text] of forms) {
    const wiring = schema.parse(text)
    t.match(wiring, wanted, text)
    t.equal(textOf(wiring), written)
  }
})

t.test('what is not', async t => {
  const refused: [z.ZodType<Wiring, string>, readonly string[]][] = [
    [
      anyLine,
      [
        'serial:ttyAMA0',
        'serial:/etc/passwd',
        'serial:/dev/../etc/passwd',
        'serial:/dev/ttyS0?baud=12345',
        'serial:/dev/ttyS0?parity=even',
        'usb-printer:lp0',
        'tcp://printer',
        'tcp://printer:0',
        'tcp://printer:99999',
        'tcp://user@printer:9100',
        'tcp://printer:9100/queue',
        'udp://printer:9100',
      ],
    ],
    [onLine('tcp'), ['serial:/dev/ttyS0']],
    [onGpio(), ['17', 'pinctrl-bcm2711', 'pinctrl-bcm2711:-1', 'chip:99999']],
    [onI2c(), ['i2c:1', 'i2c:1@44', 'i2c:1@0x03', 'i2c:1@0x78', 'i2c:100@0x44']],
    [onIpp(), ['http://printer/ipp', 'ipp://', 'ipp://user:secret@printer/ipp']],
    [onSbi(), ['sbi', 'sbi:80', 'sbi:4600-4501', 'sbi:1024-65535', 'sbi:http']],
  ]
  for (const [schema, texts] of refused) {
    for (const text of [...texts, '', 'x'.repeat(201)]) {
      const result = schema.safeParse(text)
      t.notOk(result.success, text)
      if (text.length < 100) t.match(result.error?.issues[0].message, /is not of the form \w+/)
    }
  }
})

t.test('a place is the same however it is written, and rates do not matter', async t => {
  const place = (schema: z.ZodType<Wiring, string>, text: string) => placeOf(schema.parse(text))
  t.equal(place(anyLine, 'serial:/dev/ttyS0?baud=9600'), place(anyLine, 'serial:/dev/ttyS0'))
  t.equal(place(onI2c(0x44), 'i2c:1'), place(onI2c(), 'i2c:1@0x44'))
  t.not(place(onI2c(), 'i2c:1@0x44'), place(onI2c(), 'i2c:2@0x44'))
})

t.test('wires of groups are named by group and pin', async t => {
  const pin = onGpio().parse('chip:1')
  t.same(
    wiresIn({ pins: { red: pin, blue: pin }, activeLow: true, line: anyLine.parse('tcp://a:1') }).map(
      ({ name }) => name,
    ),
    ['pins.red', 'pins.blue', 'line'],
  )
  t.same(wiresIn(undefined), [])
})

t.test('the header of a Raspberry Pi: every pin once, and none that is supply or ground', async t => {
  const gpio = (offset: number): Wiring => onGpio().parse(`pinctrl-bcm2711:${offset}`)
  const pins = Array.from({ length: 28 }, (_, offset) =>
    headerPins(gpio(offset)).map(({ pin }) => pin),
  ).flat()
  t.equal(new Set(pins).size, 28)
  for (const pin of [1, 2, 4, 6, 9, 14, 17, 20, 25, 30, 34, 39]) t.notOk(pins.includes(pin), `pin ${pin}`)
  t.same(headerPins(gpio(28)), [])
  t.same(headerPins(onI2c().parse('i2c:4@0x44')), [])
  t.same(headerPins(anyLine.parse('serial:/dev/ttyUSB0')), [])
  t.ok(isRaspberryPi([onGpio().parse('pinctrl-rp1:4')]))
  t.notOk(isRaspberryPi([onGpio().parse('9030000.pl061:4'), onI2c().parse('i2c:1@0x44')]))
})
