import type { Diagnosable } from './part.ts'

export interface Climate {
  readonly temperatureCelsius: number
  readonly humidityPercent: number
}

/**
 * Temperature and humidity inside the housing.
 *
 * Contract (test/contract/climate-sensor.ts):
 * - Before `open` and after `close`, `measure` rejects with `hal/not-open`.
 * - `measure` settles within `timeoutMs` and stops early on `signal`: a value of this moment, or `hal/no-answer`
 *   (silent), `hal/bad-answer` (a wrong checksum every time, or a value beyond what the part can measure).
 * - One at a time: a second one rejects with `hal/busy`.
 * - `close` may be called twice, and leaves the object unusable.
 */
export interface ClimateSensor extends Diagnosable {
  open(): Promise<void>
  measure(options: { timeoutMs: number; signal: AbortSignal }): Promise<Climate>
  close(): Promise<void>
}
