import { z } from 'zod'
import { KioskError } from '../../../base/errors.ts'
import { EXIT } from '../../exit-code.ts'
import { writeOutput } from '../../files.ts'
import { adjudicateCommand, adjudicateOptions } from './open-adjudicator.ts'
import { pairPicture } from './pair-picture.ts'

/** Fingers are nobody else's to see. */
const PRIVATE_MODE = 0o600

const options = z.strictObject({
  ...adjudicateOptions,
  output: z.string().min(1).meta({
    doc: 'The picture goes here. It shows fingers: look at it, and delete it.',
    short: 'o',
    value: 'PNG',
  }),
})

export const abisAdjudicateShow = adjudicateCommand({
  name: 'abis adjudicate show',
  summary: 'Draw the fingers of a record in question beside those of the record that they resemble',
  options,
  args: [{ name: 'ID', doc: 'Of the record, as tunggal abis adjudicate list has it.' }],
  async work(context, adjudicator, { output }, [id]) {
    const { record, candidate } = await adjudicator.pair(id)
    const { png, pairs } = pairPicture(record, candidate)
    if (png === undefined) throw new KioskError('adjudication/no-fingers', { id })
    const picture = context.resolve(output)
    await writeOutput(picture, png, PRIVATE_MODE)
    context.print(
      { id, candidate: candidate?.id, picture, pairs },
      `${picture}: ${pairs.length} fingers${candidate === undefined ? '; there is no record to compare with' : ''}`,
    )
    return EXIT.ok
  },
})
