/**
 * What travels between the page of operations and its server about people's decisions; all of it for approvers only.
 *
 *     GET  /claims            DeskPage<ClaimRow>
 *     POST /claims/decide     {id, act}; 204, or 409 with {problem}
 *     GET  /cases             DeskPage<CaseRow>, or 404 where there is no ABIS to decide at
 *     GET  /case-picture      ?id=ID; a PNG, or 404
 *     POST /cases/decide      {id, answer}; 204, or 409 with {problem}
 */
import { z } from 'zod'

export const claimDecisionSchema = z.strictObject({
  id: z.string().max(16),
  act: z.enum(['approve', 'reject']),
})
export const caseDecisionSchema = z.strictObject({
  id: z.string().max(36),
  answer: z.enum(['duplicate', 'distinct']),
})
export const caseIdSchema = z.uuid({ version: 'v7' })
