/**
 * Goal: with the shipped commands, an operator gives a token away, a kiosk asks over HTTPS, a person approves while the
 * service runs, and each step leaves a line behind.
 * Method: the bundled command as processes; the kiosk's own client asks.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { askClaim } from '../../src/keys/claim/ask.ts'
import { requestKeyOf } from '../../src/keys/claim/own-key.ts'
import { parseSite } from '../../src/keys/claim/site.ts'
import { keyCode } from '../../src/keys/key-code.ts'
import { newKey } from '../../src/keys/pem.ts'
import { makeRequest } from '../../src/keys/request.ts'
import { buildCli } from './built-cli.ts'

t.setTimeout(180_000)
const folder = t.testdir({ cli: {} })
const data = join(folder, 'fleet')
const tunggal = buildCli(join(folder, 'cli'))
const { signal } = new AbortController()

/** The first line that a process prints, as the object it is. */
async function firstLine(child: ChildProcess): Promise<Record<string, unknown>> {
  if (child.stdout === null) throw new Error('no output')
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line)
  throw new Error('it ended without a word')
}

t.test('claim, approve, reject', async t => {
  t.equal((await tunggal('keys', 'init', '--data', data)).code, 0)
  const broker = ['--role', 'broker', '--host', '127.0.0.1']
  t.equal((await tunggal('keys', 'issue', 'claims', ...broker, '--data', data)).code, 0)
  const words = ['fleet', 'claim', 'serve', '--host', '127.0.0.1', '--port', '0', '--data', data, '--json']
  const server = spawn(process.execPath, [join(folder, 'cli/main.js'), ...words], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = new Promise<number | null>(resolve => server.once('close', resolve))
  t.teardown(() => server.kill('SIGKILL'))
  const { port } = await firstLine(server)
  const url = `https://127.0.0.1:${port}`

  const file = join(folder, 'site.json')
  const identity = [
    '--kiosk',
    'kiosk-0001',
    '--site',
    'Bandung',
    '--province',
    '32',
    '--broker',
    'mqtts://b:8883',
  ]
  const made = await tunggal(
    'fleet',
    'claim',
    'token',
    'create',
    '--url',
    url,
    ...identity,
    '-o',
    file,
    '--data',
    data,
    '--json',
  )
  t.equal(made.code, 0, made.err)
  const site = parseSite(await readFile(file))
  t.match(site, {
    kiosk: 'kiosk-0001',
    site: 'Bandung',
    province: '32',
    broker: 'mqtts://b:8883',
    claim: { url },
  })
  t.notOk(made.out.includes(site.claim.token), 'the token is in the file alone')

  const own = newKey()
  const request = await makeRequest('kiosk-0001', requestKeyOf(own.key))
  const ask = () => askClaim({ url, root: site.root, signal }, { request, token: site.claim.token })
  t.same(await ask(), { state: 'pending', name: 'kiosk-0001', code: keyCode(own.publicKey) })
  const list = await tunggal('fleet', 'claim', 'list', '--data', data, '--json')
  t.match(list.lines, [
    { name: 'kiosk-0001', code: keyCode(own.publicKey), state: 'pending', site: 'Bandung' },
  ])
  const id = String(list.lines[0].id)
  const wrong = await tunggal('fleet', 'claim', 'approve', id, '--code', '0000', '--data', data)
  t.equal(wrong.code, 65)
  t.match(wrong.err, /claims\/bad-request/)
  const approved = await tunggal('fleet', 'claim', 'approve', id, '--by', 'budi', '--data', data, '--json')
  t.equal(approved.code, 0, approved.err)
  t.match(approved.lines, [{ id, name: 'kiosk-0001', state: 'approved', by: 'budi' }])
  t.match(await ask(), { state: 'approved', identity: { site: 'Bandung', broker: 'mqtts://b:8883' } })
  t.equal((await tunggal('fleet', 'claim', 'reject', id, '--data', data)).code, 65)
  t.equal((await tunggal('fleet', 'claim', 'list', '--data', data, '--json')).lines.length, 0)

  const certificates = () => tunggal('fleet', 'claim', 'certificates', '--data', data)
  const leaf = new X509Certificate((await certificates()).out)
  t.ok(leaf.publicKey.export({ type: 'spki', format: 'der' }).equals(own.publicKey), 'to whom bundles go')
  t.equal((await tunggal('keys', 'revoke', 'kiosk-0001', '--reason', 'lost', '--data', data)).code, 0)
  t.equal((await certificates()).out.trim(), '', 'and no longer')

  const spare = await tunggal('fleet', 'claim', 'token', 'create', '--url', url, '--data', data, '--json')
  const tokens = await tunggal('fleet', 'claim', 'token', 'list', '--data', data, '--json')
  t.match(tokens.lines, [{ id: spare.lines[0].id, state: 'open' }])
  const withdraw = ['fleet', 'claim', 'token', 'withdraw', String(spare.lines[0].id), '--data', data]
  t.equal((await tunggal(...withdraw)).code, 0)
  t.equal((await tunggal(...withdraw)).code, 65)
  const log = await tunggal('fleet', 'claim', 'log', '--data', data, '--json')
  t.equal(log.code, 0)
  t.same(
    log.lines.map(({ what, intact }) => [what, intact]),
    ['token-created', 'claimed', 'approved', 'token-created', 'token-withdrawn'].map(what => [what, true]),
  )
  t.notMatch(log.out, site.claim.token)

  server.kill('SIGTERM')
  t.equal(await ended, 0)
  const all = await tunggal('fleet', 'claim', 'list', '--all', '--data', data, '--json')
  t.match(all.lines, [{ id, state: 'approved', by: 'budi' }], 'also where the service does not run')
})
