import { type IncomingMessage, request } from 'node:http'
import type { VisitCommand, VisitView } from '../../src/record/visit-view.ts'
import { paths } from '../../src/ui/protocol.ts'
import type { Machine } from './machine.ts'

export const PAGE_PORT = 8080
const EVENT_CHARACTERS_MAX = 1 << 20

/** The page of the kiosk inside the machine, as a browser speaks with it. It listens on the machine's loopback only. */
export class KioskPage {
  constructor(private readonly machine: Machine) {}

  /** Calls `listener` with each view, until the returned function is called or the kiosk stops. */
  async onView(listener: (view: VisitView) => void): Promise<() => void> {
    const response = await this.ask('GET', paths.events)
    let text = ''
    response.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
      if (text.length > EVENT_CHARACTERS_MAX) response.destroy()
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) {
        const view = /^event: view\ndata: (.*)$/s.exec(event)?.[1]
        if (view !== undefined) listener(JSON.parse(view) as VisitView)
      }
    })
    response.on('error', () => {})
    return () => response.destroy()
  }

  async command(command: VisitCommand): Promise<void> {
    const { statusCode } = await this.ask('POST', paths.command, JSON.stringify(command))
    if (statusCode !== 204) throw new Error(`the kiosk refused ${command.name}: ${statusCode}`)
  }

  private ask(method: string, path: string, body?: string): Promise<IncomingMessage> {
    const origin = `http://127.0.0.1:${PAGE_PORT}`
    const headers = {
      host: `127.0.0.1:${PAGE_PORT}`,
      connection: 'close',
      ...(body !== undefined && {
        origin,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }),
    }
    return new Promise((resolve, reject) => {
      const asked = request({
        method,
        path,
        headers,
        createConnection: (_options, done) => {
          this.machine.dial(`nc 127.0.0.1 ${PAGE_PORT}`).then(
            socket => done(null, socket),
            (error: Error) => done(error, undefined as never),
          )
          return undefined
        },
      })
      asked.once('response', response => {
        if (method === 'POST') response.resume()
        resolve(response)
      })
      asked.once('error', reject)
      asked.end(body)
    })
  }
}
