import t from 'tap'
import type { GpioLineOptions, GpioLines } from '../../hal/ports/gpio-line.ts'

/** Pins, and their solder joints in the hands of the test. */
export interface GpioUnderTest {
  readonly lines: GpioLines
  /** Names of two lines that exist and are free, and of one that its chip does not have. */
  readonly inputLine: string
  readonly outputLine: string
  readonly missingLine: string
  /** Puts volts on the input line, and waits until the pin has them. */
  set(volts: 0 | 1): Promise<void>
  /** The volts at the output line. */
  level(): Promise<0 | 1>
  /** Lets time pass until `condition` holds; gives up after some seconds. */
  until(condition: () => boolean): Promise<void>
  /** Lets so much time pass that an edge would have been heard. */
  settle(): Promise<void>
}

/** The contract of `hal/ports/gpio-line.ts`, one test a line of it. */
export function gpioLineContract(name: string, make: () => Promise<GpioUnderTest>): void {
  t.test(`${name} keeps the contract of GPIO lines`, async t => {
    t.test('only an open line can be used, and it can be opened again', async t => {
      const { lines, inputLine, outputLine, set } = await make()
      const input = lines.input(inputLine)
      const output = lines.output(outputLine)
      await t.rejects(input.read(), { code: 'hal/not-open' })
      await t.rejects(output.write(true), { code: 'hal/not-open' })
      await set(1)
      for (let time = 0; time < 2; time++) {
        await input.open()
        t.equal(await input.read(), true)
        await input.close()
        await input.close()
        await output.open()
        await output.write(true)
        await output.close()
        await output.close()
      }
      await t.rejects(input.read(), { code: 'hal/not-open' })
      await t.rejects(output.write(true), { code: 'hal/not-open' })
    })

    t.test('names that are no lines, lines that are not there, and lines in use are told apart', async t => {
      const { lines, inputLine, missingLine } = await make()
      for (const line of ['17', 'chip:', ':4', 'chip:4x', 'chip:99999', 'two words:1'])
        t.throws(() => lines.input(line), { code: 'config/bad-value' }, line)
      await t.rejects(lines.input(missingLine).open(), { code: 'hal/no-bus' })
      await t.rejects(lines.output('no-such-chip:0').open(), { code: 'hal/no-bus' })
      const first = lines.input(inputLine)
      await first.open()
      const second = lines.output(inputLine)
      await t.rejects(second.open(), { code: 'hal/in-use' })
      await second.close()
      t.type(await first.read(), 'boolean', 'the first is not disturbed')
      await first.close()
      await second.open()
      await second.close()
    })

    for (const options of [{}, { activeLow: true }] satisfies GpioLineOptions[]) {
      const active = options.activeLow ? 0 : 1
      const rest = options.activeLow ? 1 : 0
      const how = options.activeLow ? 'active low' : 'active high'

      t.test(`${how}: an input reads its level and hears its changes`, async t => {
        const { lines, inputLine, set, until, settle } = await make()
        await set(rest)
        const input = lines.input(inputLine, options)
        const heard: boolean[] = []
        input.onEdge(isActive => heard.push(isActive))
        await input.open()
        t.equal(await input.read(), false)
        for (const [volts, isActive] of [
          [active, true],
          [rest, false],
          [active, true],
        ] as const) {
          const before = heard.length
          await set(volts)
          await until(() => heard.length > before)
          t.equal(heard.at(-1), isActive)
          t.equal(await input.read(), isActive)
        }
        t.equal(heard.length, 3)
        await input.close()
        await set(rest)
        await settle()
        t.equal(heard.length, 3, 'nothing is heard while it is closed')
      })

      t.test(`${how}: an output rests until it is written, and again once closed`, async t => {
        const { lines, outputLine, level } = await make()
        const output = lines.output(outputLine, options)
        await output.open()
        t.equal(await level(), rest)
        await output.write(true)
        t.equal(await level(), active)
        await output.write(false)
        t.equal(await level(), rest)
        await output.write(true)
        await output.close()
        t.equal(await level(), rest)
      })
    }
  })
}
