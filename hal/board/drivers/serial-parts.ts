import { z } from 'zod'
import { type PartDriver, partDriver } from '../part-driver.ts'
import { onGpio, onLine } from '../wiring.ts'

const PASSWORD_MAX = 0xffff_ffff

/** Fingerprint modules and receipt printers on a line of bytes, and those that are simulated. */
export const serialParts: Readonly<Record<string, PartDriver>> = {
  'zfm-fingerprint-sensor': partDriver({
    kind: 'fingerprint-sensor',
    summary: 'A fingerprint module of the ZFM family: ZFM-20, R307, AS608, R503',
    on: z.strictObject({
      line: onLine('serial', 'tcp'),
      wake: onGpio()
        .optional()
        .meta({ doc: 'Its wake line, low while a finger lies there: it is noticed sooner.' }),
    }),
    settings: {
      model: z.enum(['zfm-20', 'r503']).meta({ doc: 'zfm-20 also for R307 and AS608.' }),
      password: z
        .int()
        .min(0)
        .max(PASSWORD_MAX)
        .optional()
        .meta({ doc: 'Of the module; 0 from the factory.' }),
    },
    async load({ on: { line, wake }, model, password }, { clock, machine }) {
      const { ZfmSensor, isZfmBaudRate } = await import('../../drivers/zfm/zfm.ts')
      const rate = line.bus === 'serial' ? line.baudRate : undefined
      const baudRate = rate !== undefined && isZfmBaudRate(rate) ? rate : undefined
      return new ZfmSensor({
        port: await machine.line(line),
        wake: wake && machine.gpio.input(wake.line, { activeLow: true }),
        clock,
        model,
        password,
        baudRate,
      })
    },
  }),
  'escpos-receipt-printer': partDriver({
    kind: 'receipt-printer',
    summary: 'A thermal printer that speaks ESC/POS',
    on: z.strictObject({ line: onLine('usb-printer', 'serial', 'tcp') }),
    settings: {
      widthDots: z
        .int()
        .min(200)
        .max(1000)
        .optional()
        .meta({ doc: 'Of a printed row: 384 on 58 mm paper (default), 576 on 80 mm.' }),
      logo: z.string().min(1).max(200).optional().meta({
        doc: 'File of a black and white picture (PNG, PGM, BMP) above every receipt, one dot a pixel.',
      }),
    },
    async load({ on, widthDots = 384, logo }, { clock, machine }) {
      const { EscPosPrinter } = await import('../../drivers/escpos/escpos.ts')
      const { readLogo } = await import('../../drivers/escpos/logo.ts')
      return new EscPosPrinter({
        port: await machine.line(on.line),
        clock,
        widthDots,
        logo: logo === undefined ? undefined : () => readLogo(logo, widthDots),
      })
    },
  }),
  'simulated-fingerprint-sensor': partDriver({
    kind: 'fingerprint-sensor',
    summary: 'A live-scan sensor that is not there',
    settings: {
      fault: z
        .enum(['unplugged', 'silent'])
        .optional()
        .meta({ doc: 'A fault from the start, to try what it does.' }),
    },
    async load({ fault }, { clock, simulation }) {
      const { SimulatedFingerprintSensor } = await import('../../sim/fingerprint-sensor.ts')
      const { citizen, placingMs } = simulation ?? {}
      const sensor = new SimulatedFingerprintSensor({ clock, citizen, placingMs })
      if (fault === 'unplugged') sensor.unplug()
      sensor.setSilent(fault === 'silent')
      return sensor
    },
  }),
  'simulated-receipt-printer': partDriver({
    kind: 'receipt-printer',
    summary: 'An 80 mm thermal printer that is not there',
    settings: {
      fault: z
        .enum(['silent', 'paper-low', 'paper-out', 'cover-open'])
        .optional()
        .meta({ doc: 'A fault from the start, to try what it does.' }),
    },
    async load({ fault }, { clock, simulation }) {
      const { SimulatedReceiptPrinter } = await import('../../sim/receipt-printer.ts')
      const { onReceipt = () => {}, lineMs } = simulation ?? {}
      const paperLines = fault === 'paper-out' ? 0 : fault === 'paper-low' ? 50 : undefined
      const printer = new SimulatedReceiptPrinter({ clock, onReceipt, lineMs, paperLines })
      printer.setCover(fault === 'cover-open' ? 'open' : 'closed')
      printer.setSilent(fault === 'silent')
      return printer
    },
  }),
}
