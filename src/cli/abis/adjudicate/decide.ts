import { z } from 'zod'
import { type Answer, personSchema } from '../../../abis/adjudication.ts'
import { EXIT } from '../../exit-code.ts'
import { badOption } from '../../options.ts'
import { adjudicateCommand, adjudicateOptions } from './open-adjudicator.ts'

const options = z.strictObject({
  ...adjudicateOptions,
  duplicate: z.boolean().default(false).meta({ doc: 'The fingers of one person.' }),
  distinct: z.boolean().default(false).meta({ doc: 'The fingers of two people.' }),
  by: personSchema.meta({ doc: 'Who decides. Nobody decides twice on one record.', value: 'NAME' }),
})

export const abisAdjudicateDecide = adjudicateCommand({
  name: 'abis adjudicate decide',
  summary: "One person's word on a record; two that agree decide, and where they differ a third does",
  options,
  args: [{ name: 'ID', doc: 'Of the record.' }],
  async work({ print }, adjudicator, { duplicate, distinct, by }, [id]) {
    if (duplicate === distinct) throw badOption('say either --duplicate or --distinct')
    const answer: Answer = duplicate ? 'duplicate' : 'distinct'
    const { decided, wanted, status } = await adjudicator.decide(id, { by, answer })
    print(
      { id, by, answer, decided, wanted, ...(status !== undefined && { status }) },
      status === undefined
        ? `${id}: noted; ${wanted} more must decide, without knowing of this`
        : `${id}: decided, ${status}`,
    )
    return EXIT.ok
  },
})
