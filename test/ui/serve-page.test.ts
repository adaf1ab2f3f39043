/**
 * Goal: only our own page, on this machine, can look at a visit or act on it, and nothing it sends is taken
 * unread.
 */
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { silentLog } from '../../src/base/log.ts'
import type { VisitCommand } from '../../src/record/visit-view.ts'
import { PRESENCE_PATH } from '../../src/ui/presence.ts'
import { servePage } from '../../src/ui/serve-page.ts'
import { idle, RECORD_ID, serve } from './served-page.ts'

t.test('it listens on the loopback interface only', async t => {
  const { url } = await serve(t)
  t.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/)
})

t.test('its files come with a policy that runs nothing but our script', async t => {
  const { ask } = await serve(t)
  for (const path of ['/', '/page.css', '/page.js']) {
    const { status, headers } = await ask(path)
    t.equal(status, 200)
    t.match(headers['content-security-policy'], /default-src 'none'; script-src 'self'/)
    t.notMatch(headers['content-security-policy'], /unsafe/)
    t.equal(headers['x-content-type-options'], 'nosniff')
  }
  for (const path of ['/index.html', '/../package.json', '/%2e%2e/package.json', '/page.js?x', '/status'])
    t.equal((await ask(path)).status, 404, path)
})

t.test('whether it is there is all that a page of another origin learns', async t => {
  const { ask } = await serve(t)
  const { status, headers, body } = await ask(PRESENCE_PATH)
  t.equal(status, 204)
  t.equal(body, '')
  t.equal(headers['cross-origin-resource-policy'], 'cross-origin')
  for (const path of ['/', '/page.js'])
    t.equal((await ask(path)).headers['cross-origin-resource-policy'], 'same-origin', path)
})

t.test('the first screen comes with the page; a visit, which is somebody’s, does not', async t => {
  const { ask, show } = await serve(t)
  const inPage = async () => JSON.parse(/>([^<]*)<\/script>/.exec((await ask('/')).body)?.[1] ?? '')
  t.match(await inPage(), { facts: { kiosk: 'kiosk-test', site: '</script>' }, view: idle })
  show({ ...idle, step: 'confirm', nikMasked: '************0001', warnings: [] })
  t.equal(await inPage(), null)
})

t.test('another host or origin gets nothing', async t => {
  const { ask, commands, json } = await serve(t)
  for (const host of ['evil.example', '127.0.0.1:1', 'localhost', '[::1]', '127.0.0.1.evil.example'])
    for (const path of ['/', '/events']) t.equal((await ask(path, { headers: { host } })).status, 403, host)
  for (const origin of ['http://evil.example', 'null', 'https://127.0.0.1', 'http://127.0.0.1'])
    t.equal((await ask('/events', { headers: { origin } })).status, 403, origin)
  const body = JSON.stringify({ visit: 3, name: 'leave' })
  const post = (headers: Record<string, string>) => ask('/command', { method: 'POST', headers, body })
  t.equal((await post({ 'content-type': 'application/json' })).status, 403, 'no origin')
  t.equal((await post({ ...json, origin: 'http://evil.example' })).status, 403)
  t.equal((await post({ ...json, 'content-type': 'text/plain' })).status, 400, 'a form from elsewhere')
  t.same(commands, [])
})

t.test('a command is taken as it is specified, and in no other shape', async t => {
  const { command, commands, ask, json } = await serve(t)
  const good: VisitCommand[] = [
    { visit: 3, name: 'begin', language: 'id' },
    { visit: 4, name: 'nik', text: '3171234567890001' },
    { visit: 4, name: 'consent', agreed: true },
    { visit: 4, name: 'skip', exception: 'missing' },
    { visit: 4, name: 'redo', position: 10 },
    { visit: 4, name: 'leave' },
    { visit: 4, name: 'prefer', textSize: 3, volume: 5 },
  ]
  for (const body of good) t.equal((await command(body)).status, 204)
  t.same(commands, good)
  const bad: unknown[] = [
    null,
    [],
    {},
    { name: 'leave' },
    { visit: -1, name: 'leave' },
    { visit: 4, name: 'stored', call: 1, recordId: RECORD_ID },
    { visit: 4, name: 'leave', call: 1 },
    { visit: 4, name: 'nik', text: '1'.repeat(33) },
    { visit: 4, name: 'redo', position: 11 },
    { visit: 4, name: 'skip', exception: 'bored' },
    { visit: 4, name: 'begin', language: 'xx' },
    { visit: 4, name: 'constructor' },
    { visit: 4, name: 'prefer', textSize: 4 },
    { visit: 4, name: 'prefer', language: 'id' },
  ]
  for (const body of bad) t.equal((await command(body)).status, 400, JSON.stringify(body))
  t.equal((await ask('/command', { method: 'POST', headers: json, body: '{"visit":4,' })).status, 400)
  t.equal(
    (await ask('/command', { method: 'POST', headers: json, body: Buffer.alloc(5000, 32) })).status,
    400,
  )
  t.equal(commands.length, good.length)
})

t.test('the page says that it is there, and nothing else with it', async t => {
  const { ask, json, painted } = await serve(t)
  const say = (body: unknown) =>
    ask('/painted', { method: 'POST', headers: json, body: JSON.stringify(body) })
  t.equal((await say({ visit: 3 })).status, 204)
  for (const body of [{}, { visit: -1 }, { visit: '3' }, { visit: 3, nik: '1' }])
    t.equal((await say(body)).status, 400, JSON.stringify(body))
  t.same(painted, [3])
})

t.test('bytes that are no command change nothing and end nothing', async t => {
  const { ask, json, commands } = await serve(t)
  for (let round = 0; round < 100; round++) {
    const { status } = await ask('/command', { method: 'POST', headers: json, body: randomBytes(round * 10) })
    t.equal(status, 400)
  }
  t.same(commands, [])
})

t.test('a status is told to whoever has the receipt', async t => {
  const { ask, json } = await serve(t)
  const status = (code: string) =>
    ask('/status', { method: 'POST', headers: json, body: JSON.stringify({ code }) })
  t.match(JSON.parse((await status(`tunggal:1:${RECORD_ID}`)).body), {
    kind: 'found',
    record: { status: 'RECEIVED_AT_CENTRAL' },
  })
  for (const code of [`tunggal:1:${RECORD_ID.replace('a', 'b')}`, '3171234567890001'])
    t.same(JSON.parse((await status(code)).body), { kind: 'unknown' })
})

t.test('a view that comes while the page closes is nobody’s', async t => {
  const { url, close, listeners } = await serve(t)
  const events = await fetch(`${url}events`)
  t.equal(events.status, 200)
  const closing = close()
  t.equal(listeners.size, 1)
  for (const listener of listeners) listener(idle)
  await closing
  await events.body?.cancel().catch(() => {})
})

t.test('a finger is acknowledged before the answer', async t => {
  const { ask, json } = await serve(t)
  const byFinger = (nik: unknown) =>
    ask('/status-by-finger', { method: 'POST', headers: json, body: JSON.stringify({ nik }) })
  const { status, body, headers } = await byFinger('3171234567890001')
  t.equal(status, 200)
  t.equal(headers['content-type'], 'application/x-ndjson')
  t.same(
    body
      .trim()
      .split('\n')
      .map(line => JSON.parse(line)),
    [{ kind: 'contact' }, { kind: 'poor', reason: 'too-dry' }],
  )
  t.same(JSON.parse((await byFinger('')).body), { kind: 'bad-nik' })
  t.equal((await byFinger(7)).status, 400)
  t.equal((await byFinger('7'.repeat(40))).status, 400)
})

t.test('what is staff’s is asked for as specified, and is not there where there is no staff', async t => {
  const { ask, json } = await serve(t)
  const post = (path: string, body: unknown) =>
    ask(path, { method: 'POST', headers: json, body: JSON.stringify(body) })
  const asked = [
    ['/staff', { pin: '482913' }, 404],
    ['/staff', { pin: 482913 }, 400],
    ['/staff', { pin: '1'.repeat(13) }, 400],
    ['/service', { session: 'x', thoroughly: false }, 404],
    ['/service', { session: 'x' }, 400],
    ['/leave', { session: 'x' }, 204],
    ['/leave', { session: 'x'.repeat(65) }, 400],
  ] as const
  for (const [path, body, status] of asked)
    t.equal((await post(path, body)).status, status, JSON.stringify(body))
})

t.test('views stream to as many pages as a kiosk has, and stop with them', async t => {
  const { url, listeners, ask } = await serve(t)
  const open = async () => {
    const stop = new AbortController()
    const response = await fetch(`${url}events`, { signal: stop.signal })
    const reader = response.body!.getReader()
    let text = ''
    while (!text.includes('event: view')) text += new TextDecoder().decode((await reader.read()).value)
    return { stop, text }
  }
  const pages = await Promise.all(Array.from({ length: 8 }, open))
  t.match(pages[0].text, /event: facts\ndata: \{.*\n\nevent: view\ndata: .*"step":"idle"/)
  t.equal(listeners.size, 8)
  t.equal((await ask('/events')).status, 503)
  for (const { stop } of pages) stop.abort()
  while (listeners.size > 0) await new Promise(resolve => setImmediate(resolve))
  t.equal(listeners.size, 0)
})

t.test('live images stream one after the other, and whoever looks no more gets none', async t => {
  const { url, previewListeners } = await serve(t)
  const stop = new AbortController()
  const response = await fetch(`${url}preview`, { signal: stop.signal })
  t.match(response.headers.get('content-type'), /^multipart\/x-mixed-replace; boundary=image$/)
  t.equal(response.headers.get('cache-control'), 'no-store')
  while (previewListeners.size === 0) await new Promise(resolve => setImmediate(resolve))
  for (const letter of 'AB') for (const show of previewListeners) show(Buffer.from(letter))
  const reader = response.body!.getReader()
  let text = ''
  while (!/B\r\n--image\r\n$/.test(text)) text += new TextDecoder().decode((await reader.read()).value)
  const part = (letter: string) =>
    `content-type: image/jpeg\r\ncontent-length: 1\r\n\r\n${letter}\r\n--image\r\n`
  t.equal(text, `--image\r\n${part('A')}${part('B')}`)
  stop.abort()
  while (previewListeners.size > 0) await new Promise(resolve => setImmediate(resolve))
})

t.test('a page that was not built, or a port that is taken, is said', async t => {
  const { url } = await serve(t)
  const options = { operations: {} as never, log: silentLog }
  await t.rejects(servePage({ ...options, port: 0, assets: '/nowhere' }), { code: 'io/unreadable' })
  const assets = t.testdir({
    'index.html': '',
    'tokens.css': '',
    'page.css': '',
    'page.js': '',
    'type-400.woff2': '',
    'type-700.woff2': '',
  })
  const port = Number(new URL(url).port)
  await t.rejects(servePage({ ...options, port, assets }), {
    code: 'io/unreadable',
    details: { code: 'EADDRINUSE' },
  })
})
