import { request } from 'node:http'
import type { Test } from 'tap'
import { silentLog } from '../../src/base/log.ts'
import { defaultPreferences, type VisitCommand, type VisitView } from '../../src/record/visit-view.ts'
import { defaultSettings } from '../../src/settings/settings.ts'
import { servePage } from '../../src/ui/serve-page.ts'
import type { Speaker } from '../../src/ui/speech/speaker.ts'
import { Speech } from '../../src/ui/speech/speech.ts'

export const RECORD_ID = '019abcde-f012-7345-8678-9abcdef01234'
export const idle: VisitView = {
  visit: 3,
  language: 'id',
  offline: false,
  helpCalled: false,
  attended: false,
  limits: [],
  preferences: defaultPreferences,
  listensAlone: false,
  step: 'idle',
}

/** The page of a kiosk whose operations write down what they are asked. */
export async function serve(test: Test, speaker?: Speaker) {
  let view = idle
  const assets = test.testdir({
    'index.html': '<!doctype html><script type="application/json" id="first">null</script>',
    'tokens.css': '',
    'page.css': '',
    'page.js': '',
    'type-400.woff2': '',
    'type-700.woff2': '',
  })
  const commands: VisitCommand[] = []
  const painted: number[] = []
  const listeners = new Set<(view: VisitView) => void>()
  const previewListeners = new Set<(jpeg: Uint8Array) => void>()
  const page = await servePage({
    operations: {
      facts: {
        kiosk: 'kiosk-test',
        site: '</script>',
        languages: ['id'],
        timeZone: 'Asia/Jakarta',
        hours: defaultSettings.hours,
        controller: 'test',
        consentVersion: '1',
        hasStaff: true,
        idleAfterMs: 60_000,
        countDownMs: 30_000,
        sameKeyAfterMs: 0,
      },
      onView: listener => {
        listeners.add(listener)
        listener(view)
        return () => listeners.delete(listener)
      },
      onPreview: listener => {
        previewListeners.add(listener)
        return () => previewListeners.delete(listener)
      },
      command: command => commands.push(command),
      painted: visit => painted.push(visit),
      recordStatus: async id =>
        id === RECORD_ID
          ? { kind: 'found', record: { status: 'RECEIVED_AT_CENTRAL', history: [] } }
          : { kind: 'unknown' },
      print: async (id, job) => ({ kind: id === RECORD_ID && job === undefined ? 'printed' : 'gone' }),
      recordStatusByFinger: async (nik, { onContact }) => {
        if (nik === '') return { kind: 'bad-nik' }
        onContact()
        return { kind: 'poor', reason: 'too-dry' }
      },
    },
    port: 0,
    assets,
    speech: speaker && new Speech({ speaker, log: silentLog }),
    log: silentLog,
  })
  test.teardown(() => page.close())
  const { host, origin } = new URL(page.url)
  const json = { 'content-type': 'application/json', origin }
  const ask = (
    path: string,
    options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
  ) =>
    new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
      const { method = 'GET', headers = {}, body } = options
      const sent = request(
        { host: '127.0.0.1', port: new URL(page.url).port, path, method, headers: { host, ...headers } },
        answer => {
          let text = ''
          answer.on('data', chunk => (text += chunk))
          answer.on('end', () =>
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
          )
          answer.on('error', reject)
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  const command = (body: unknown) =>
    ask('/command', { method: 'POST', headers: json, body: JSON.stringify(body) })
  const say = (phrase: unknown) =>
    ask('/speech', { method: 'POST', headers: json, body: JSON.stringify(phrase) })
  const listensAlone = (alone: boolean) => {
    view = { ...idle, listensAlone: alone }
  }
  const show = (next: VisitView) => {
    view = next
  }
  return {
    ...page,
    show,
    ask,
    command,
    commands,
    painted,
    listeners,
    previewListeners,
    json,
    host,
    say,
    listensAlone,
  }
}
