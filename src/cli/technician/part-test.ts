import { z } from 'zod'
import { simulatedCitizen } from '../../../hal/sim/citizen.ts'
import { KioskError } from '../../base/errors.ts'
import type { Command } from '../command.ts'
import { partNamed, partOptions, withBoard } from './part-options.ts'
import { testPart } from './part-tests.ts'

const SIMULATED_PERSON = 1

const options = z.strictObject({
  ...partOptions.shape,
  setClock: z.boolean().default(false).meta({ doc: 'A battery clock is set to the time of this system.' }),
  seconds: z.coerce
    .number()
    .min(1)
    .max(600)
    .default(20)
    .meta({ doc: 'How long to wait for a finger, a card, a hand at the door.', value: 'N' }),
  output: z.string().min(1).optional().meta({
    doc: 'Keep the image of a fingerprint sensor, unencrypted: your own finger only, and delete it after.',
    short: 'o',
    value: 'PNG',
  }),
})

export const partTest: Command<typeof options> = {
  name: 'part test',
  summary: 'Let a part do what it is for, and say how well: 1 if it does not',
  options,
  args: [{ name: 'NAME', doc: 'Of the part, as the board file has it.' }],
  run: (context, options, [name]) =>
    withBoard(options, ({ parts }) => testPart(context, partNamed(parts, name), options), {
      citizen: simulatedCitizen(SIMULATED_PERSON),
      onReceipt: ({ text }) => context.print(text),
    }),
  async inKiosk() {
    throw new KioskError('hal/in-use', {
      why: 'a kiosk runs and may be serving somebody: stop it first (sudo systemctl stop tunggal)',
    })
  },
}
