/**
 * What travels between the page of operations and its server: JSON both ways. Every path but `login` wants a session;
 * what changes something wants a role (in brackets).
 *
 *     POST /login      {name, password}; 204 and a cookie, 401, or 429 where too much was tried
 *     POST /logout     204
 *     POST /password   {old, fresh}; 204, 401, 429
 *     GET  /me         {name, role}
 *     GET  /overview   Overview
 *     GET  /backlog    ?by=kiosk|site|province      {rows}
 *     GET  /history    ?hours=N                     {points}
 *     GET  /kiosks     ?search=&state=&trouble=&group=&province=&offset=&limit=   {total, kiosks}
 *     GET  /kiosk      ?id=NAME                     KioskPage, or 404
 *     GET  /kiosk/diagnostics ?id=NAME              what it told when it was asked last, or 404   [operator]
 *     POST /kiosk/command {id, name}; 204, or 409 with {problem}; the answer is on the KioskPage  [operator]
 *     GET  /rollouts   {rollOuts}, newest first
 *     GET  /rollout    ?id=ID                       RollOutPage, or 404
 *     POST /rollouts   {settings or image, plan}; 204, or 400 with {problem}            [operator]
 *     POST /rollout/act {id, act}; 204, or 409 with {problem}                  [operator; approve: approver]
 *     GET  /metrics    Prometheus' text format; without a session, on this machine only
 *     GET  /audit      {entries}, newest first      [approver]
 */
import { z } from 'zod'
import { remoteCommandNames } from '../../settings/remote-command.ts'
import { wantedImageSchema } from '../../settings/update-desired.ts'
import { backlogKinds } from '../backlog.ts'
import { actNames } from '../roll-outs/book.ts'
import { planSchema } from '../roll-outs/roll-out.ts'
import { PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, USER_NAME } from '../room/users.ts'
import { troubleNames } from '../trouble-names.ts'

const HISTORY_HOURS_MAX = 2 * 365 * 24
const KIOSKS_MAX = 200
export const BACKLOG_ROWS_MAX = 200

const password = z.string().min(1).max(PASSWORD_CHARS_MAX)
export const loginSchema = z.strictObject({ name: z.string().regex(USER_NAME), password })
export const passwordSchema = z.strictObject({
  old: password,
  fresh: z.string().min(PASSWORD_CHARS_MIN).max(PASSWORD_CHARS_MAX),
})

const word = z.string().max(60).optional()
export const backlogQuery = z.strictObject({ by: z.enum(backlogKinds) })
export const historyQuery = z.strictObject({ hours: z.coerce.number().min(0.1).max(HISTORY_HOURS_MAX) })
export const kiosksQuery = z.strictObject({
  search: word,
  state: z.enum(['online', 'offline', 'maintenance', 'unknown']).optional(),
  trouble: z.enum(['any', ...troubleNames]).optional(),
  group: word,
  province: word,
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(KIOSKS_MAX).default(50),
})
export const kioskQuery = z.strictObject({ id: z.string().max(36) })
export const noQuery = z.strictObject({})

export const proposalSchema = z.union([
  z.strictObject({ settings: z.record(z.string(), z.unknown()), plan: planSchema }),
  z.strictObject({ image: wantedImageSchema, plan: planSchema }),
])
export const commandSchema = z.strictObject({ id: z.string().max(36), name: z.enum(remoteCommandNames) })
export const actSchema = z.strictObject({ id: z.string().max(16), act: z.enum(actNames) })
