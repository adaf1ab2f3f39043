import type { Clock } from '../../src/base/clock.ts'
import type { FingerprintSensor } from '../ports/fingerprint-sensor.ts'
import type { BoardPart, PartKind } from '../ports/part.ts'
import type { ReceiptPrinter } from '../ports/receipt-printer.ts'
import { type Board, readPart } from './board.ts'
import { type Machine, thisMachine } from './machine.ts'
import type { Simulation } from './part-driver.ts'
import { type OpenPart, SupervisedPart } from './supervised-part.ts'

/** What parts need from outside. */
export interface BoardSurroundings {
  readonly clock: Clock
  /** Where pins, buses and ports are; this machine's if left out. */
  readonly machine?: Machine
  readonly simulation?: Simulation
}

/**
 * The parts of a board, in the order of its file. A part that does not open, or fails later, is down with its reason;
 * the board tries it again until it answers, and everything else carries on without it.
 */
export interface OpenBoard {
  readonly id: string
  readonly parts: readonly OpenPart[]
  /** The first fingerprint sensor, if the board has one; while it is down, its calls reject with its code. */
  readonly sensor?: FingerprintSensor
  /** The first receipt printer, likewise. */
  readonly printer?: ReceiptPrinter
  partsOf<Kind extends PartKind>(kind: Kind): readonly OpenPart<Kind>[]
  /** Hears of each part that goes up or down, or down for another reason. Returns what ends that. */
  onState(listener: (part: BoardPart) => void): () => void
  /** Closes every part. May be called twice. */
  close(): Promise<void>
}

/**
 * Loads the driver of every part, and resolves once each was tried to be opened. Rejects with `config/bad-value` for
 * a board that `checkBoard` complains of; never because of a part.
 */
export async function openBoard(board: Board, surroundings: BoardSurroundings): Promise<OpenBoard> {
  const { clock, machine = thisMachine(clock), simulation } = surroundings
  const listeners = new Set<(part: BoardPart) => void>()
  const onState = (part: BoardPart) => {
    for (const listener of listeners) listener(part)
  }
  const read = board.parts.map(readPart)
  const parts: SupervisedPart[] = []
  for (const { part, driver, fields } of read) {
    const device = await driver.load(fields, { clock, machine, simulation })
    parts.push(new SupervisedPart(part, driver.kind, device, clock, onState))
  }
  await Promise.all(parts.map(part => part.start()))
  const partsOf = <Kind extends PartKind>(kind: Kind) =>
    parts.filter(part => part.kind === kind) as unknown as readonly OpenPart<Kind>[]
  const [sensor] = partsOf('fingerprint-sensor')
  const [printer] = partsOf('receipt-printer')
  return {
    id: board.id,
    parts,
    sensor: sensor && supervisedSensor(sensor),
    printer: printer && supervisedPrinter(printer),
    partsOf,
    onState(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      await Promise.all(parts.map(part => part.close()))
    },
  }
}

/** The board opens and closes its parts, so these two do nothing here. */
const kept = { open: async () => {}, close: async () => {} }

function supervisedSensor(part: OpenPart<'fingerprint-sensor'>): FingerprintSensor {
  return {
    ...kept,
    get info() {
      return part.device.info
    },
    capture: options => part.use(sensor => sensor.capture(options)),
    // Beside captures, and nothing that says whether the part is up.
    preview: part.device.preview && (options => part.device.preview?.(options) ?? Promise.resolve()),
    diagnose: options => part.diagnose(options),
  }
}

function supervisedPrinter(part: OpenPart<'receipt-printer'>): ReceiptPrinter {
  return {
    ...kept,
    get info() {
      return part.device.info
    },
    status: () => part.use(printer => printer.status()),
    print: (receipt, options) => part.use(printer => printer.print(receipt, options)),
    diagnose: options => part.diagnose(options),
  }
}
