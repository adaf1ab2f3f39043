import type { z } from 'zod'
import type { Clock } from '../../src/base/clock.ts'
import type { Buzzer } from '../ports/buzzer.ts'
import type { CardReader } from '../ports/card-reader.ts'
import type { ClimateSensor } from '../ports/climate-sensor.ts'
import type { DocumentPrinter } from '../ports/document-printer.ts'
import type { Expander } from '../ports/expander.ts'
import type { FingerprintSensor } from '../ports/fingerprint-sensor.ts'
import type { HeadphoneDetect } from '../ports/headphone-detect.ts'
import type { Diagnosable, PartKind } from '../ports/part.ts'
import type { PresenceSensor } from '../ports/presence-sensor.ts'
import type { RealTimeClock } from '../ports/real-time-clock.ts'
import type { ReceiptPrinter } from '../ports/receipt-printer.ts'
import type { ServiceKey } from '../ports/service-key.ts'
import type { StatusLamp } from '../ports/status-lamp.ts'
import type { TamperSwitch } from '../ports/tamper-switch.ts'
import type { Citizen } from '../sim/citizen.ts'
import type { PrintedReceipt } from '../sim/receipt-printer.ts'
import type { Machine } from './machine.ts'

/** What every part can do, whatever its port. */
export interface Device extends Diagnosable {
  /** May be tried again where it rejects. */
  open(): Promise<void>
  close(): Promise<void>
}

/** The port of each kind of part. */
export interface DeviceByKind {
  'fingerprint-sensor': FingerprintSensor
  'receipt-printer': ReceiptPrinter
  'document-printer': DocumentPrinter
  'presence-sensor': PresenceSensor
  'tamper-switch': TamperSwitch
  'service-key': ServiceKey
  'headphone-detect': HeadphoneDetect
  'status-lamp': StatusLamp
  buzzer: Buzzer
  'climate-sensor': ClimateSensor
  'real-time-clock': RealTimeClock
  expander: Expander
  'card-reader': CardReader
  component: Device
}

/** What drivers are given beside their part's wiring and settings. */
export interface PartSurroundings {
  readonly clock: Clock
  readonly machine: Machine
  /** Who stands before simulated sensors, and who gets what simulated printers print. */
  readonly simulation?: Simulation
}

export interface Simulation {
  readonly citizen?: Citizen
  readonly onReceipt?: (receipt: PrintedReceipt) => void
  /** How long people take to place a finger, and a line to print; as real ones by default. */
  readonly placingMs?: number
  readonly lineMs?: number
}

/**
 * How a board's part comes to life. A driver is registered by its name in one of `hal/board/drivers/*.ts`; the code
 * of the part itself is imported by `load`, so that a kiosk carries no code of parts it has not.
 */
export interface PartDriver<
  Kind extends PartKind = PartKind,
  On extends z.ZodType = z.ZodType,
  Settings extends z.ZodRawShape = z.ZodRawShape,
> {
  readonly kind: Kind
  /** The part in a few words, for the schema and for technicians. */
  readonly summary: string
  /** The part's `on`: a strict object of `onLine`, `onGpio`, `onI2c`, … (`wiring.ts`). Absent where nothing is wired. */
  readonly on?: On
  /** Fields beside `name`, `driver` and `on`, each with a `doc`. */
  readonly settings?: Settings
  /** Makes the device; opens nothing, so that it does not reject for a part that is not there. */
  load(part: WiredPart<On, Settings>, surroundings: PartSurroundings): Promise<DeviceByKind[Kind]>
}

/** A part of the board file, as its driver's schema read it. */
export type WiredPart<On extends z.ZodType, Settings extends z.ZodRawShape> = {
  readonly name: string
  readonly on: z.output<On>
} & z.output<z.ZodObject<Settings>>

/** A driver for the registry: `on` and settings reach `load` as their schemas give them. */
export function partDriver<Kind extends PartKind, On extends z.ZodType, Settings extends z.ZodRawShape>(
  driver: PartDriver<Kind, On, Settings>,
): PartDriver {
  return driver as unknown as PartDriver
}
