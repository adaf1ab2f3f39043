/**
 * Goal: the page's server answers only who is logged in, on a page of ours, and only what their role may know.
 * Method: HTTP by hand against a server on a free port.
 */
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { SentCommand } from '../../../src/fleet/room/command-desk.ts'
import { serveRoom } from '../../../src/fleet/serve/serve-room.ts'
import { until } from '../../support/until.ts'
import { ago, state, telemetry } from '../kiosk-words.ts'
import { testRoom } from '../room/test-room.ts'

interface Reply {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
  readonly json: Record<string, unknown>
}

async function served(t: Test, options: { origin?: string } = {}) {
  const test = await testRoom(t)
  const names = ['index.html', 'tokens.css', 'page.css', 'page.js', 'type-400.woff2', 'type-700.woff2']
  const assets = t.testdir(Object.fromEntries(names.map(name => [name, `the ${name}`])))
  const page = await serveRoom({ room: test.room, port: 0, assets, ...options })
  t.teardown(async () => {
    await page.close()
    await test.close()
  })
  const { port, host } = new URL(page.url)
  const send = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    new Promise<Reply>((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port, method, path, headers: { host, ...headers } },
        async response => {
          let text = ''
          for await (const part of response.setEncoding('utf8')) text += part
          const isJson = response.headers['content-type'] === 'application/json'
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: isJson ? JSON.parse(text) : {},
          })
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  const post = (path: string, value: unknown, headers: Record<string, string> = {}) =>
    send(
      'POST',
      path,
      { 'content-type': 'application/json', origin: `http://${host}`, ...headers },
      JSON.stringify(value),
    )
  /** The cookie of somebody with that role. */
  const login = async (role: 'viewer' | 'operator' | 'approver') => {
    const name = `the-${role}`
    const password = await test.room.users.add({ name, role, by: 'test' })
    const { headers } = await post('/login', { name, password })
    return { name, password, cookie: String(headers['set-cookie']).split(';')[0] }
  }
  const get = (path: string, cookie: string) => send('GET', path, { cookie })
  return { ...test, page, host, send, post, get, login }
}

t.test('the page itself is for everybody on this machine, what it asks for is not', async t => {
  const { send, get } = await served(t)
  const index = await send('GET', '/')
  t.match(index, { status: 200, text: 'the index.html' })
  t.match(index.headers['content-security-policy'], /default-src 'none'; script-src 'self'; style-src 'self'/)
  t.match(index.headers, { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
  for (const path of [
    '/me',
    '/overview',
    '/kiosks',
    '/kiosk?id=kiosk-1',
    '/history?hours=1',
    '/audit',
    '/nothing',
  ])
    t.equal((await get(path, 'tunggal-fleet=guessed')).status, 401, path)
  t.equal((await send('GET', '/', { host: 'fleet.example' })).status, 403, 'another name for this machine')
})

t.test('logging in, being somebody, logging out', async t => {
  const { login, get, post, room } = await served(t)
  const { cookie, name, password } = await login('viewer')
  t.match((await get('/me', cookie)).json, { name, role: 'viewer' })
  const { headers } = await post('/login', { name, password })
  t.match(String(headers['set-cookie']), /; HttpOnly; SameSite=Strict; Path=\/$/)
  t.equal((await post('/logout', {}, { cookie })).status, 204)
  t.equal((await get('/me', cookie)).status, 401)
  const again = String((await post('/login', { name, password })).headers['set-cookie']).split(';')[0]
  await room.users.remove({ name, by: 'test' })
  t.equal((await get('/me', again)).status, 401, 'removed is out')
})

t.test('a page from elsewhere can send nothing, whoever is logged in', async t => {
  const { login, post, send, host } = await served(t)
  const { cookie } = await login('approver')
  for (const origin of ['http://evil.example', 'null', `https://${host}`])
    t.equal((await post('/logout', {}, { cookie, origin })).status, 403, origin)
  t.equal((await send('POST', '/logout', { cookie, 'content-type': 'application/json' }, '{}')).status, 403)
  t.equal((await send('GET', '/me', { cookie, origin: 'http://evil.example' })).status, 403)
})

t.test('wrong passwords: five, then nothing for a while, not even the right one', async t => {
  const { login, post } = await served(t)
  const { name, password } = await login('viewer')
  const statuses: number[] = []
  for (let count = 0; count < 6; count++)
    statuses.push((await post('/login', { name, password: 'not this one' })).status)
  t.same(statuses, [401, 401, 401, 401, 401, 429])
  t.equal((await post('/login', { name, password })).status, 429)
  t.equal((await post('/login', { name: 'nobody', password })).status, 401)
  for (const body of [{}, { name }, { name: 'UPPER', password }, { name, password: 'x'.repeat(5_000) }, []])
    t.equal((await post('/login', body)).status, 401)
})

t.test('a changed password ends the other sessions', async t => {
  const { login, post, get } = await served(t)
  const { name, password, cookie } = await login('viewer')
  const other = String((await post('/login', { name, password })).headers['set-cookie']).split(';')[0]
  t.equal((await post('/password', { old: password, fresh: 'short' }, { cookie })).status, 400)
  t.equal((await post('/password', { old: 'wrong', fresh: 'a longer password' }, { cookie })).status, 401)
  const changed = await post('/password', { old: password, fresh: 'a longer password' }, { cookie })
  t.equal(changed.status, 204)
  const fresh = String(changed.headers['set-cookie']).split(';')[0]
  t.equal((await get('/me', fresh)).status, 200)
  t.equal((await get('/me', cookie)).status, 401)
  t.equal((await get('/me', other)).status, 401)
  t.equal((await post('/login', { name, password: 'a longer password' })).status, 204)
})

t.test('whoever is given a name that was another’s is not let in by the session of the other', async t => {
  const { login, get, room } = await served(t)
  const { name, cookie } = await login('viewer')
  t.equal((await get('/me', cookie)).status, 200)
  await room.users.remove({ name, by: 'test' })
  t.equal((await get('/me', cookie)).status, 401)
  await room.users.add({ name, role: 'approver', by: 'test' })
  t.equal((await get('/me', cookie)).status, 401)
})

t.test('what the page is told', async t => {
  const { login, get, say, sayAbis, room } = await served(t)
  await say('kiosk-1', 'state', state)
  await say('kiosk-1', 'telemetry', { ...telemetry, at: new Date().toISOString() })
  await sayAbis('abis-1', {
    received: 10,
    sfe: 4,
    prr: 6,
    duplicate: 0,
    adjudicate: 0,
    failed: 0,
    perSecond: 2,
    byKiosk: { 'kiosk-1': { received: 10, sfe: 4, prr: 6, missing: 0, oldestSfeAt: ago(60) } },
  })
  await until(() => room.view.kiosks.size === 1 && room.view.abis.length === 1)
  const { cookie } = await login('viewer')
  t.match((await get('/overview', cookie)).json, {
    isConnected: true,
    fleet: { kiosks: 1, groups: ['sultra'], provinces: ['74'] },
    backlog: { atCentral: 4, printReady: 6 },
    drain: { waiting: 4, perSecond: 2, seconds: 2 },
    abis: [{ abis: 'abis-1', received: 10 }],
  })
  t.match((await get('/backlog?by=province', cookie)).json, {
    total: 1,
    rows: [{ name: '74', atCentral: 4 }],
  })
  t.match((await get('/kiosks?search=kiosk&limit=10', cookie)).json, {
    total: 1,
    kiosks: [{ kiosk: 'kiosk-1' }],
  })
  t.match((await get('/kiosk?id=kiosk-1', cookie)).json, {
    summary: { kiosk: 'kiosk-1', site: 'Kantor Dukcapil Kendari' },
    differences: [],
    timeline: [],
  })
  t.match((await get('/history?hours=24', cookie)).json, { points: [{ received: 10 }] })
  t.equal((await get('/kiosk?id=kiosk-2', cookie)).status, 404)
  for (const path of ['/kiosks?limit=0', '/kiosks?other=1', '/backlog', '/history?hours=x', '/overview?a=b'])
    t.equal((await get(path, cookie)).status, 400, path)
  t.equal((await get('/__proto__', cookie)).status, 404)
})

t.test('the audit log is for approvers', async t => {
  const { login, get } = await served(t)
  t.equal((await get('/audit', (await login('viewer')).cookie)).status, 403)
  t.equal((await get('/audit', (await login('operator')).cookie)).status, 403)
  const { json } = await get('/audit', (await login('approver')).cookie)
  t.match(json.entries, [{ intact: true, entry: { who: 'the-approver', what: 'logged-in' } }])
})

t.test('roll-outs: an operator proposes, an approver approves, a viewer looks', async t => {
  const { login, post, get, room } = await served(t)
  const [viewer, operator, approver] = [
    await login('viewer'),
    await login('operator'),
    await login('approver'),
  ]
  const proposal = { settings: { capture: { attemptsMax: 2 } }, plan: { to: ['all'] } }
  t.equal((await post('/rollouts', proposal, { cookie: viewer.cookie })).status, 403)
  t.equal((await post('/rollouts', { ...proposal, plan: {} }, { cookie: operator.cookie })).status, 400)
  const wrong = await post(
    '/rollouts',
    { ...proposal, settings: { capture: { no: 1 } } },
    { cookie: operator.cookie },
  )
  t.match(wrong, { status: 400, json: { problem: { code: 'config/bad-value' } } })
  t.equal((await post('/rollouts', proposal, { cookie: operator.cookie })).status, 204)
  const [{ id }] = room.rollOuts.list()
  t.match((await get('/rollouts', viewer.cookie)).json, {
    rollOuts: [{ id, state: 'proposed', proposed: { by: operator.name }, counts: { kiosks: 0 } }],
  })
  t.match((await get(`/rollout?id=${id}`, viewer.cookie)).json, { settings: proposal.settings, kiosks: [] })
  t.equal((await get('/rollout?id=00000000', viewer.cookie)).status, 404)
  const act = (name: string, cookie: string) => post('/rollout/act', { id, act: name }, { cookie })
  t.equal((await act('approve', operator.cookie)).status, 403)
  t.equal((await act('cancel', viewer.cookie)).status, 403)
  t.match(await act('resume', operator.cookie), { status: 409, json: { problem: { code: 'fleet/not-now' } } })
  t.equal((await act('approve', approver.cookie)).status, 204)
  t.match(room.rollOuts.get(id), { approved: { by: approver.name } })
})

t.test('commands: an operator sends one to a kiosk, and everybody sees what came of it', async t => {
  const { login, post, get, room, say, commanded } = await served(t)
  const [viewer, operator] = [await login('viewer'), await login('operator')]
  await say('kiosk-1', 'state', state)
  await until(() => room.view.kiosks.size === 1)
  const { commands, answer } = await commanded('kiosk-1')
  const send = (name: string, { cookie } = operator, id = 'kiosk-1') =>
    post('/kiosk/command', { id, name }, { cookie })
  t.equal((await send('test-print', viewer)).status, 403)
  t.equal((await send('shell')).status, 400)
  t.match(await send('restart', operator, 'kiosk-2'), {
    status: 409,
    json: { problem: { code: 'fleet/unknown-kiosk' } },
  })
  t.equal((await send('diagnostics')).status, 204)
  await until(() => commands.length === 1)
  const shown = async () =>
    (await get('/kiosk?id=kiosk-1', viewer.cookie)).json.commands as readonly SentCommand[]
  t.match(await shown(), [{ name: 'diagnostics', by: operator.name, state: 'waiting' }])
  t.match(await send('restart'), { status: 409, json: { problem: { code: 'fleet/too-many' } } })
  await answer(commands[0], { state: 'done', text: '{"kiosk":"kiosk-1"}' })
  await until(async () => (await shown())[0].state === 'done')
  t.match(await shown(), [{ hasText: true }])
  t.equal((await get('/kiosk/diagnostics?id=kiosk-1', viewer.cookie)).status, 403)
  t.match((await get('/kiosk/diagnostics?id=kiosk-1', operator.cookie)).json, { kiosk: 'kiosk-1' })
  t.equal((await get('/kiosk/diagnostics?id=kiosk-2', operator.cookie)).status, 404)
  t.equal((await send('maintenance-on')).status, 204)
  await until(() => commands.length === 2)
  await answer(commands[1], { state: 'refused', code: 'expired' })
  await until(async () => (await shown())[0].state === 'refused')
  const { timeline } = (await get('/kiosk?id=kiosk-1', viewer.cookie)).json
  t.match(timeline, [
    { what: 'command', text: 'maintenance-on refused expired' },
    { what: 'command', text: 'diagnostics done' },
  ])
  const entries = []
  for await (const { entry } of room.audit.entries()) if (entry.what === 'command') entries.push(entry)
  t.match(entries, [
    { who: operator.name, about: 'kiosk-1', command: 'diagnostics' },
    { who: operator.name, about: 'kiosk-1', command: 'maintenance-on' },
  ])
})

t.test('Prometheus on this machine gets numbers, and rules and dashboard name no others', async t => {
  const { send, say, sayAbis, room } = await served(t, { origin: 'https://fleet.example' })
  await say('kiosk-1', 'state', state)
  await sayAbis('abis-1', {
    received: 10,
    sfe: 4,
    prr: 6,
    duplicate: 0,
    adjudicate: 0,
    failed: 0,
    perSecond: 2,
    at: ago(0),
    licence: { unit: 'records', perSecond: 5, until: '2030-01-01', recordsPerSecond: 5 },
    lapses: [{ what: 'certificate', whose: 'a "name"', until: ago(-1_000), level: 'urgent' }],
  })
  await until(() => room.view.kiosks.size === 1 && room.view.abis.length === 1)
  const { status, text } = await send('GET', '/metrics')
  t.equal(status, 200)
  t.match(text, /^tunggal_fleet_kiosks\{state="online"\} 1$/m)
  t.match(text, /^tunggal_fleet_records\{at="centre"\} 4$/m)
  t.match(text, /^tunggal_abis_licensed_per_second 5$/m)
  t.match(text, /^tunggal_abis_lapse_seconds\{abis="abis-1",what="certificate",whose="a \\"name\\""\} /m)
  for (const line of text.trimEnd().split('\n'))
    t.match(line, /^(# (HELP|TYPE) tunggal_|tunggal_[a-z_]+(\{.*\})? -?[0-9.e+]+$)/)
  t.equal((await send('GET', '/metrics', { host: 'fleet.example' })).status, 404, 'not through the proxy')
  const told = new Set(text.match(/^tunggal_[a-z_]+/gm))
  const folder = join(import.meta.dirname, '../../../firmware/monitoring')
  for (const file of ['alerts.yml', 'grafana-fleet.json']) {
    const named = new Set(readFileSync(join(folder, file), 'utf8').match(/tunggal_[a-z_]+/g))
    t.ok(named.size > 5)
    t.same(
      [...named].filter(name => !told.has(name)),
      [],
      file,
    )
  }
})

t.test('behind a proxy with TLS it answers to its own name, and the cookie goes over TLS only', async t => {
  const { send, room } = await served(t, { origin: 'https://fleet.example' })
  const password = await room.users.add({ name: 'sari', role: 'viewer', by: 'test' })
  const headers = {
    'content-type': 'application/json',
    host: 'fleet.example',
    origin: 'https://fleet.example',
  }
  const entered = await send('POST', '/login', headers, JSON.stringify({ name: 'sari', password }))
  t.equal(entered.status, 204)
  t.match(String(entered.headers['set-cookie']), /; Secure$/)
})
