import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { type Check, fault, fine } from './check.ts'

const TIMEOUT_MS = 5000
const SECURE_PORT = 8883
const PLAIN_PORT = 1883

/** For `mqtts:`, as the kiosk connects: its key, its chain, and the one authority it believes. */
export interface Tls {
  readonly key: string
  readonly cert: string
  readonly ca: string
}

/**
 * Whether the broker answers, and over TLS with a certificate that this kiosk believes. It does not log in, since one
 * name can be logged in once: `isLoggedIn` is what a running kiosk knows of that.
 */
export async function brokerCheck(
  url: string,
  { tls, isLoggedIn }: { readonly tls?: Tls; readonly isLoggedIn?: boolean },
): Promise<Check> {
  const { protocol, hostname, port } = new URL(url)
  const isSecure = protocol === 'mqtts:'
  const host = hostname.replace(/^\[|\]$/g, '')
  const address = { host, port: Number(port) || (isSecure ? SECURE_PORT : PLAIN_PORT) }
  const where = `${host}:${address.port}`
  if (isSecure && tls === undefined)
    return fault('broker', `${where}: no keys to connect with`, 'tunggal keys issue: docs/KEYS.md')
  try {
    const how = isSecure ? await overTls({ ...address, ...tls }) : await overTcp(address)
    if (isLoggedIn !== false) return fine('broker', `${where} answers ${how}`)
    return fault(
      'broker',
      `${where} answers ${how}, but does not let this kiosk in`,
      'look at the log of the broker: revoked certificate, access list, or another kiosk of this name',
    )
  } catch (cause) {
    const { code = 'no answer' } = cause as NodeJS.ErrnoException
    return fault('broker', `${where}: ${code}`, `${remedyOf(code)}; meanwhile everything is kept here`)
  }
}

function remedyOf(code: string): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'look at broker.url in the settings, and at DNS'
  if (/CERT|ALTNAME|SSL|SELF_SIGNED|ISSUER/.test(code))
    return 'the certificate of the broker is not as this kiosk needs it: docs/KEYS.md'
  return 'look at cable and network, and whether the broker runs'
}

function overTcp(address: { host: string; port: number }): Promise<string> {
  const socket = connectTcp(address)
  return settled(socket, 'connect', () => 'without TLS')
}

function overTls(options: { host: string; port: number } & Partial<Tls>): Promise<string> {
  const socket: TLSSocket = connectTls({ ...options, servername: options.host, minVersion: 'TLSv1.3' })
  return settled(socket, 'secureConnect', () => `with ${socket.getProtocol()}`)
}

function settled(socket: Socket, event: string, say: () => string): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    socket.setTimeout(TIMEOUT_MS, () =>
      socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
    )
    socket.once('error', reject)
    socket.once(event, () => {
      resolve(say())
      socket.destroy()
    })
  })
}
