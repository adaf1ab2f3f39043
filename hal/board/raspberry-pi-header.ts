import type { Wiring } from './wiring.ts'

/** A pin of the 40-pin header, counted as on the board, and what the wire there is. */
export interface HeaderPin {
  readonly pin: number
  readonly signal: string
}

/** Labels of the chips whose lines are the header's, from the first Raspberry Pi to the fifth. */
const chips: ReadonlySet<string> = new Set(['pinctrl-bcm2835', 'pinctrl-bcm2711', 'pinctrl-rp1'])

/** GPIO number → pin of the header (Raspberry Pi documentation, "GPIO and the 40-pin header"). */
const pinOfGpio: ReadonlyMap<number, number> = new Map([
  ...([
    [2, 3],
    [3, 5],
    [4, 7],
    [14, 8],
    [15, 10],
    [17, 11],
    [18, 12],
    [27, 13],
    [22, 15],
    [23, 16],
  ] as const),
  ...([
    [24, 18],
    [10, 19],
    [9, 21],
    [25, 22],
    [11, 23],
    [8, 24],
    [7, 26],
    [0, 27],
    [1, 28],
    [5, 29],
  ] as const),
  ...([
    [6, 31],
    [12, 32],
    [13, 33],
    [19, 35],
    [16, 36],
    [26, 37],
    [20, 38],
    [21, 40],
  ] as const),
])
const i2cPins: readonly HeaderPin[] = [
  { pin: 3, signal: 'SDA' },
  { pin: 5, signal: 'SCL' },
]
const uartPins: readonly HeaderPin[] = [
  { pin: 8, signal: 'TXD' },
  { pin: 10, signal: 'RXD' },
]
const uarts: ReadonlySet<string> = new Set(['/dev/ttyAMA0', '/dev/ttyS0', '/dev/serial0'])

/** Whether these wires are of a board with that header: one of them is a line of its chip. */
export function isRaspberryPi(wirings: readonly Wiring[]): boolean {
  return wirings.some(wiring => wiring.bus === 'gpio' && chips.has(wiring.chip))
}

/** Where a wire goes on a Raspberry Pi; none for what is no pin of its header. */
export function headerPins(wiring: Wiring): readonly HeaderPin[] {
  if (wiring.bus === 'i2c') return wiring.number === 1 ? i2cPins : []
  if (wiring.bus === 'serial') return uarts.has(wiring.path) ? uartPins : []
  if (wiring.bus !== 'gpio' || !chips.has(wiring.chip)) return []
  const pin = pinOfGpio.get(wiring.offset)
  return pin === undefined ? [] : [{ pin, signal: `GPIO${wiring.offset}` }]
}
