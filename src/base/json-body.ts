import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'

/** The body, if it is JSON of that shape and short; what is longer is not read to its end. */
export async function readJsonBody<T>(
  request: IncomingMessage,
  schema: z.ZodType<T>,
  bytesMax: number,
): Promise<T | undefined> {
  if (request.headers['content-type'] !== 'application/json') return undefined
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) return undefined
    chunks.push(chunk)
  }
  try {
    return schema.safeParse(JSON.parse(Buffer.concat(chunks).toString('utf8'))).data
  } catch {
    return undefined
  }
}
