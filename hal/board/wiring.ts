import { z } from 'zod'
import { KioskError } from '../../src/base/errors.ts'
import { parseLineName } from '../ports/gpio-line.ts'
import { parseI2cWiring } from '../ports/i2c-bus.ts'

/**
 * Where a part is wired: a bus, port or pin as Linux names it. Every form that a board file may hold is read here;
 * a driver says by its schema which forms it takes.
 */
export type Wiring = LineWiring | GpioWiring | I2cPlace | IppWiring | SbiWiring

/** A line of bytes to one part. */
export type LineWiring =
  | { readonly bus: 'serial'; readonly path: string; readonly baudRate?: number }
  | { readonly bus: 'usb-printer'; readonly path: string }
  | { readonly bus: 'tcp'; readonly host: string; readonly port: number }
export interface GpioWiring {
  readonly bus: 'gpio'
  /** As `GpioLines` takes it. */
  readonly line: string
  readonly chip: string
  readonly offset: number
}
export interface I2cPlace {
  readonly bus: 'i2c'
  /** As in `/dev/i2c-<number>`. */
  readonly number: number
  readonly address: number
}
export interface IppWiring {
  readonly bus: 'ipp'
  readonly url: string
}
/** Ports on loopback where the device service may listen, both ends included. */
export interface SbiWiring {
  readonly bus: 'sbi'
  readonly portMin: number
  readonly portMax: number
}

const TEXT_MAX = 200
const SBI_PORTS = { min: 4501, max: 4600 } as const
const baudRates = [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400]

type LineBus = LineWiring['bus']
const lineExamples: Readonly<Record<LineBus, string>> = {
  serial: 'serial:/dev/ttyAMA0?baud=57600',
  'usb-printer': 'usb-printer:/dev/usb/lp0',
  tcp: 'tcp://192.168.1.20:9100',
}
const lineReaders: Readonly<Record<LineBus, (text: string) => LineWiring | undefined>> = {
  serial(text) {
    const [, path, rate] = /^serial:(\/dev\/[\w./:-]+)(?:\?baud=(\d{1,7}))?$/.exec(text) ?? []
    if (path === undefined || isClimbing(path)) return undefined
    if (rate === undefined) return { bus: 'serial', path }
    return baudRates.includes(Number(rate)) ? { bus: 'serial', path, baudRate: Number(rate) } : undefined
  },
  'usb-printer'(text) {
    const [, path] = /^usb-printer:(\/dev\/[\w./:-]+)$/.exec(text) ?? []
    return path === undefined || isClimbing(path) ? undefined : { bus: 'usb-printer', path }
  },
  tcp(text) {
    const url = urlOf(text, ['tcp:'])
    if (url === undefined || url.port === '' || url.port === '0') return undefined
    if (url.pathname !== '' || url.search !== '' || url.username !== '' || url.hash !== '') return undefined
    return { bus: 'tcp', host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) }
  },
}

/** A line of bytes, of one of these kinds: `serial:/dev/ttyAMA0?baud=57600`, `usb-printer:/dev/usb/lp0`, `tcp://HOST:PORT`. */
export function onLine(...buses: readonly LineBus[]) {
  return wiringText(
    buses.map(bus => lineExamples[bus]),
    text => buses.map(bus => lineReaders[bus](text)).find(wiring => wiring !== undefined),
  )
}

/** A pin by its chip's label and its number on that chip: `pinctrl-bcm2711:17`. */
export function onGpio() {
  return wiringText(
    ['pinctrl-bcm2711:17'],
    (text): GpioWiring => ({ bus: 'gpio', line: text, ...parseLineName(text) }),
  )
}

/** A place on a two-wire bus: `i2c:1@0x44`; `i2c:1` too where the driver knows the address. */
export function onI2c(addressDefault?: number) {
  return wiringText(['i2c:1@0x44'], (text): I2cPlace => {
    const { bus, address } = parseI2cWiring(text, addressDefault)
    return { bus: 'i2c', number: bus, address }
  })
}

/** A printer by its IPP address: `ipp://192.168.1.30:631/ipp/print`, or `ipps:`. */
export function onIpp() {
  return wiringText(['ipp://192.168.1.30/ipp/print'], (text): IppWiring | undefined => {
    const url = urlOf(text, ['ipp:', 'ipps:'])
    return url && url.username === '' && url.hash === '' ? { bus: 'ipp', url: text } : undefined
  })
}

/** A device service of MOSIP's SBI on this machine: `sbi:` for anywhere in 4501-4600, `sbi:4501` for one port. */
export function onSbi() {
  return wiringText(['sbi:', 'sbi:4501', 'sbi:4501-4510'], (text): SbiWiring | undefined => {
    const [whole, first, last] = /^sbi:(?:(\d{4,5})(?:-(\d{4,5}))?)?$/.exec(text) ?? []
    if (whole === undefined) return undefined
    const portMin = Number(first ?? SBI_PORTS.min)
    const portMax = Number(last ?? first ?? SBI_PORTS.max)
    if (portMin < 1024 || portMax > 65_535 || portMax < portMin || portMax - portMin >= 100) return undefined
    return { bus: 'sbi', portMin, portMax }
  })
}

/** What only one part can have: two parts with the same place are a mistake. */
export function placeOf(wiring: Wiring): string {
  switch (wiring.bus) {
    case 'serial':
    case 'usb-printer':
      return wiring.path
    case 'tcp':
      return `tcp://${wiring.host.includes(':') ? `[${wiring.host}]` : wiring.host}:${wiring.port}`
    case 'gpio':
      return `${wiring.chip}:${wiring.offset}`
    case 'i2c':
      return `i2c:${wiring.number}@0x${wiring.address.toString(16)}`
    case 'ipp':
      return wiring.url
    case 'sbi':
      return `sbi:${wiring.portMin}-${wiring.portMax}`
  }
}

/** One wiring of a part, by its name in `on`; of a group of pins, `group.pin`. */
export interface Wire {
  readonly name: string
  readonly wiring: Wiring
}

/** Every wire in what a driver's `on` schema gave. */
export function wiresIn(on: unknown, name = ''): readonly Wire[] {
  if (typeof on !== 'object' || on === null) return []
  if ('bus' in on) return [{ name, wiring: on as Wiring }]
  return Object.entries(on).flatMap(([key, value]) => wiresIn(value, name === '' ? key : `${name}.${key}`))
}

/** As a board file has it. */
export function textOf(wiring: Wiring): string {
  switch (wiring.bus) {
    case 'serial':
      return `serial:${wiring.path}${wiring.baudRate === undefined ? '' : `?baud=${wiring.baudRate}`}`
    case 'usb-printer':
      return `usb-printer:${wiring.path}`
    default:
      return placeOf(wiring)
  }
}

/** A text of the board file that `read` understands; its complaint names what was meant. */
function wiringText<W extends Wiring>(examples: readonly string[], read: (text: string) => W | undefined) {
  return z
    .string()
    .max(TEXT_MAX)
    .meta({ examples: [...examples] })
    .transform((text, context): W => {
      const wiring = readOrUndefined(read, text)
      if (wiring !== undefined) return wiring
      const forms = examples.join(' or ')
      context.addIssue({ code: 'custom', message: `${JSON.stringify(text)} is not of the form ${forms}` })
      return z.NEVER
    })
}

function readOrUndefined<W>(read: (text: string) => W | undefined, text: string): W | undefined {
  try {
    return read(text)
  } catch (cause) {
    if (cause instanceof KioskError) return undefined
    throw cause
  }
}

function urlOf(text: string, protocols: readonly string[]): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && protocols.includes(url.protocol) && url.hostname !== '' ? url : undefined
}

function isClimbing(path: string): boolean {
  return path.split('/').includes('..')
}
