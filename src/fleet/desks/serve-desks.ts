import type { IncomingMessage, ServerResponse } from 'node:http'
import { KioskError } from '../../base/errors.ts'
import { readJsonBody } from '../../base/json-body.ts'
import { finish, pageHeaders, sendJson } from '../../base/page-http.ts'
import type { Desks } from './desks.ts'
import { deskPaths } from './paths.ts'
import { caseDecisionSchema, caseIdSchema, claimDecisionSchema } from './protocol.ts'

const BODY_BYTES_MAX = 1024

export interface DeskRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  /** Who asks; has the role for it. */
  readonly by: string
}

/** Everything below `deskPaths`. Resolves to false where it is none of them. */
export async function answerAtDesks(
  { claims, adjudication }: Desks,
  { request, response, url, by }: DeskRequest,
): Promise<boolean> {
  const question = `${request.method} ${url.pathname}`
  switch (question) {
    case `GET ${deskPaths.claims}`:
      sendJson(response, { rows: await claims.list() })
      return true
    case `POST ${deskPaths.decideClaim}`: {
      const asked = await readJsonBody(request, claimDecisionSchema, BODY_BYTES_MAX)
      if (asked === undefined) finish(response, 400)
      else await done(response, () => claims.decide(asked.id, { act: asked.act, by }))
      return true
    }
    case `GET ${deskPaths.cases}`:
      sendJson(response, adjudication && { rows: await adjudication.list() })
      return true
    case `GET ${deskPaths.casePicture}`: {
      const id = caseIdSchema.safeParse(url.searchParams.get('id'))
      const png = id.success ? await adjudication?.picture(id.data).catch(nothing) : undefined
      sendPicture(response, png)
      return true
    }
    case `POST ${deskPaths.decideCase}`: {
      const asked = await readJsonBody(request, caseDecisionSchema, BODY_BYTES_MAX)
      if (asked === undefined || adjudication === undefined) finish(response, asked ? 404 : 400)
      else await done(response, () => adjudication.decide(asked.id, { answer: asked.answer, by }))
      return true
    }
    default:
      return false
  }
}

/** What cannot be shown is not found. */
function nothing(error: unknown): undefined {
  if (!(error instanceof KioskError)) throw error
  return undefined
}

function sendPicture(response: ServerResponse, png: Uint8Array | undefined): void {
  if (png === undefined) {
    finish(response, 404)
    return
  }
  response.writeHead(200, { ...pageHeaders, 'content-type': 'image/png', 'content-length': png.length })
  response.end(png)
}

/** 204, or 409 with what was wrong. */
async function done(response: ServerResponse, act: () => Promise<void>): Promise<void> {
  try {
    await act()
    finish(response, 204)
  } catch (error) {
    if (!(error instanceof KioskError)) throw error
    response.writeHead(409, { ...pageHeaders, 'content-type': 'application/json' })
    response.end(JSON.stringify({ problem: { code: error.code, ...error.details } }))
  }
}
