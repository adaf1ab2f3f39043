import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import type { FingerprintSensor } from '../ports/fingerprint-sensor.ts'
import type { ReceiptPrinter } from '../ports/receipt-printer.ts'
import type { Citizen } from '../sim/citizen.ts'
import type { PrintedReceipt } from '../sim/receipt-printer.ts'
import type { Board, Part } from './board.ts'
import { lineOf } from './line.ts'

/** What parts need from outside. */
export interface BoardSurroundings {
  readonly clock: Clock
  /** Who stands before simulated sensors, and who gets what simulated printers print. */
  readonly simulation?: {
    readonly citizen?: Citizen
    readonly onReceipt?: (receipt: PrintedReceipt) => void
    /** How long people take to place a finger, and a line to print; as real ones by default. */
    readonly placingMs?: number
    readonly lineMs?: number
  }
}

/** The opened parts of a board, by what they do. */
export interface OpenBoard {
  readonly id: string
  readonly sensor: FingerprintSensor
  readonly printer: ReceiptPrinter
  close(): Promise<void>
}

type AnyPart =
  | { readonly kind: 'sensor'; readonly device: FingerprintSensor }
  | { readonly kind: 'printer'; readonly device: ReceiptPrinter }

/** By driver name; a driver is loaded where a board names it, so a kiosk carries no code of parts it has not. */
const drivers: Readonly<Record<string, (part: Part, surroundings: BoardSurroundings) => Promise<AnyPart>>> = {
  async 'simulated-fingerprint-sensor'(_part, { clock, simulation }) {
    const { SimulatedFingerprintSensor } = await import('../sim/fingerprint-sensor.ts')
    return {
      kind: 'sensor',
      device: new SimulatedFingerprintSensor({
        clock,
        citizen: simulation?.citizen,
        placingMs: simulation?.placingMs,
      }),
    }
  },
  async 'simulated-receipt-printer'(_part, { clock, simulation }) {
    const { SimulatedReceiptPrinter } = await import('../sim/receipt-printer.ts')
    const onReceipt = simulation?.onReceipt ?? (() => {})
    return {
      kind: 'printer',
      device: new SimulatedReceiptPrinter({ clock, onReceipt, lineMs: simulation?.lineMs }),
    }
  },
  async 'escpos-receipt-printer'(part, { clock }) {
    const { EscPosPrinter } = await import('../drivers/escpos/escpos.ts')
    return { kind: 'printer', device: new EscPosPrinter({ port: await lineOf(part), clock }) }
  },
}

export const driverNames: readonly string[] = Object.keys(drivers)

/**
 * Loads the driver of every part and opens it. Throws `config/bad-value` where the board names a driver that is
 * not there, or lacks a sensor or a printer; what a part rejects its `open` with passes through. Whatever was
 * opened before a failure is closed again.
 */
export async function openBoard(board: Board, surroundings: BoardSurroundings): Promise<OpenBoard> {
  const parts: AnyPart[] = []
  const close = async () => {
    for (const part of parts) await part.device.close()
  }
  try {
    for (const part of board.parts) {
      const load = Object.hasOwn(drivers, part.driver) ? drivers[part.driver] : undefined
      if (load === undefined) throw badBoard(board, `${part.name}: there is no driver ${part.driver}`)
      const loaded = await load(part, surroundings)
      parts.push(loaded)
      await loaded.device.open()
    }
    const sensor = parts.find(part => part.kind === 'sensor')
    const printer = parts.find(part => part.kind === 'printer')
    if (sensor === undefined) throw badBoard(board, 'there is no fingerprint sensor')
    if (printer === undefined) throw badBoard(board, 'there is no receipt printer')
    return { id: board.id, sensor: sensor.device, printer: printer.device, close }
  } catch (cause) {
    await close()
    throw cause
  }
}

function badBoard(board: Board, problem: string): KioskError {
  return new KioskError('config/bad-value', { where: `board ${board.id}`, problem })
}
