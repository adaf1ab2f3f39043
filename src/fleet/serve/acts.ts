/** What people do through the page. Who may not is told so; what cannot be is told why. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { KioskError } from '../../base/errors.ts'
import { readJsonBody } from '../../base/json-body.ts'
import { finish, pageHeaders } from '../../base/page-http.ts'
import { SETTINGS_BYTES_MAX } from '../../settings/settings.ts'
import { mayAs } from '../room/roles.ts'
import type { Room } from '../room/room.ts'
import type { User } from '../room/users.ts'
import { actSchema, commandSchema, proposalSchema } from './protocol.ts'

const BODY_BYTES_MAX = 4096

/** A configuration, or an image, for many kiosks, for another person to approve. */
export async function propose(
  { rollOuts }: Room,
  user: User,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!mayAs(user.role, 'operator')) return finish(response, 403)
  const asked = await readJsonBody(request, proposalSchema, SETTINGS_BYTES_MAX + BODY_BYTES_MAX)
  if (asked === undefined) return finish(response, 400)
  const { plan, ...cargo } = asked
  await done(response, 400, rollOuts.propose(cargo, plan, user.name))
}

export async function actOnRollOut(
  { rollOuts }: Room,
  user: User,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = await readJsonBody(request, actSchema, BODY_BYTES_MAX)
  if (asked === undefined) return finish(response, 400)
  if (!mayAs(user.role, asked.act === 'approve' ? 'approver' : 'operator')) return finish(response, 403)
  // A method that throws at once is a promise that rejects, too.
  await done(
    response,
    409,
    Promise.resolve().then(() => rollOuts.act(asked.id, asked.act, user.name)),
  )
}

export async function commandKiosk(
  { commands }: Room,
  user: User,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!mayAs(user.role, 'operator')) return finish(response, 403)
  const asked = await readJsonBody(request, commandSchema, BODY_BYTES_MAX)
  if (asked === undefined) return finish(response, 400)
  await done(response, 409, commands.send(asked.id, asked.name, user.name))
}

/** 204, or `refusal` with what was wrong. */
async function done(response: ServerResponse, refusal: number, act: Promise<unknown>): Promise<void> {
  try {
    await act
    finish(response, 204)
  } catch (error) {
    if (!(error instanceof KioskError)) throw error
    response.writeHead(refusal, { ...pageHeaders, 'content-type': 'application/json' })
    response.end(JSON.stringify({ problem: { code: error.code, ...error.details } }))
  }
}
