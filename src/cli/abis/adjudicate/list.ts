import { z } from 'zod'
import { EXIT } from '../../exit-code.ts'
import { adjudicateCommand, adjudicateOptions } from './open-adjudicator.ts'

export const abisAdjudicateList = adjudicateCommand({
  name: 'abis adjudicate list',
  summary: 'Records that people have to decide on, whichever waits for longest first',
  options: z.strictObject(adjudicateOptions),
  async work({ print }, adjudicator) {
    for await (const open of adjudicator.openCases())
      print(
        { ...open },
        `${open.id}  ${open.receivedAt}  ${open.kiosk.padEnd(20)} ${open.decided} decided, ${open.wanted} wanted  ${open.reason}`,
      )
    return EXIT.ok
  },
})
