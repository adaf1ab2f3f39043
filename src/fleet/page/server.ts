/** Questions to the server. The cookie goes along by itself. */

/** `status`: 401 is "log in", 0 is "no server". */
export class ServerError extends Error {
  constructor(
    readonly status: number,
    /** What the server says is wrong. */
    readonly problem?: Readonly<Record<string, unknown>>,
  ) {
    super(`the server answered ${status}`)
  }
}

export async function ask<T>(
  path: string,
  query: Readonly<Record<string, string | number | undefined>> = {},
): Promise<T> {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') parameters.set(name, String(value))
  const response = await reached(fetch(`${path}?${parameters}`))
  return (await response.json()) as T
}

export async function tell(path: string, body: unknown = {}): Promise<void> {
  await reached(
    fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  )
}

async function reached(request: Promise<Response>): Promise<Response> {
  const response = await request.catch(() => {
    throw new ServerError(0)
  })
  if (!response.ok) {
    const said = (await response.json().catch(() => undefined)) as { problem?: Record<string, unknown> }
    throw new ServerError(response.status, said?.problem)
  }
  return response
}
