import { z } from 'zod'
import { type PartDriver, partDriver } from '../part-driver.ts'
import { onGpio, onI2c } from '../wiring.ts'

const PINS_MAX = 16
const OPTIONS_MAX = 16
const CALLS_MAX = 8
const VALUES_MAX = 8

const scalar = z.union([z.string().max(100), z.number(), z.boolean()])
const value = z.union([scalar, z.array(scalar).max(PINS_MAX)])
const word = z.string().regex(/^[a-z][A-Za-z0-9]{0,30}$/)

function few<T extends z.ZodType>(values: T, max: number) {
  return z.record(word, values).refine(record => Object.keys(record).length <= max, `at most ${max}`)
}

/** Components of johnny-five, on our own pins and buses. */
export const johnnyFiveParts: Readonly<Record<string, PartDriver>> = {
  'johnny-five': partDriver({
    kind: 'component',
    summary: 'Any component of johnny-five that needs digital pins, dimming or I2C',
    on: z.strictObject({
      pin: onGpio().optional().meta({ doc: 'For components with one pin.' }),
      pins: few(onGpio(), PINS_MAX).optional().meta({ doc: 'By name, such as red, green and blue.' }),
      i2c: onI2c().optional().meta({ doc: 'For components with an address.' }),
    }),
    settings: {
      component: z
        .string()
        .regex(/^[A-Z][A-Za-z]{0,30}(\.[A-Z][A-Za-z]{0,30})?$/)
        .meta({ doc: 'As johnny-five names it, such as Led.RGB or Thermometer.' }),
      options: few(value, OPTIONS_MAX)
        .optional()
        .meta({ doc: 'As johnny-five documents them, such as {"controller": "SHT31D"}.' }),
      calls: z
        .array(
          z
            .tuple([word])
            .rest(scalar)
            .refine(call => call.length <= VALUES_MAX),
        )
        .max(CALLS_MAX)
        .optional()
        .meta({ doc: 'Methods that are called once it is open, such as ["color", "#00ff00"].' }),
    },
    async load({ on, component, options, calls }, { clock, machine }) {
      const { JohnnyFivePart } = await import('../../transport/johnny-five/component.ts')
      const { pin, pins, i2c } = on
      return new JohnnyFivePart({
        clock,
        lines: machine.gpio,
        component,
        pin: pin?.line,
        pins: pins && Object.fromEntries(Object.entries(pins).map(([name, { line }]) => [name, line])),
        i2c: i2c && { bus: machine.i2c(i2c.number), address: i2c.address },
        options,
        calls,
      })
    },
  }),
}
