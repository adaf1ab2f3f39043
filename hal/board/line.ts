import { KioskError } from '../../src/base/errors.ts'
import type { BytePort } from '../ports/byte-port.ts'
import type { Part } from './board.ts'

/**
 * The line that a part is wired to, not yet open: `"on": {"line": "tcp://192.168.1.20:9100"}`. Throws
 * `config/bad-value` where there is none, or one of a kind that is not known.
 */
export async function lineOf(part: Part): Promise<BytePort> {
  const text = part.on?.line
  if (text === undefined) throw badLine(part, 'needs "on": {"line": …}')
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'tcp:' || url.hostname === '' || url.port === '')
    throw badLine(part, `${text} is not tcp://HOST:PORT`)
  const { TcpPort } = await import('../transport/tcp.ts')
  return new TcpPort({ host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) })
}

function badLine(part: Part, problem: string): KioskError {
  return new KioskError('config/bad-value', { where: `part ${part.name}`, problem })
}
