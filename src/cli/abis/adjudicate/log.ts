import { z } from 'zod'
import { EXIT } from '../../exit-code.ts'
import { adjudicateCommand, adjudicateOptions } from './open-adjudicator.ts'

export const abisAdjudicateLog = adjudicateCommand({
  name: 'abis adjudicate log',
  summary: 'Who decided on what; 1 if the log was changed or a signature does not hold',
  options: z.strictObject(adjudicateOptions),
  async work({ print }, adjudicator) {
    let isIntact = true
    for await (const line of adjudicator.log()) {
      const { number, at, who, id, answer, status, intact } = line
      isIntact &&= intact
      print(
        { number, at, who, id, answer, status, intact },
        `${number}  ${at}  ${id}  ${who}  ${answer ?? '(not told yet)'}  ${status ?? ''}${intact ? '' : '  CHANGED'}`,
      )
    }
    return isIntact ? EXIT.ok : EXIT.no
  },
})
