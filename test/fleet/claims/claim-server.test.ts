/**
 * Goal: kiosks without a certificate, and everybody else, reach two questions over TLS 1.3 and nothing more; what is
 * too much, too often or no question at all is refused without harm; a standing certificate renews itself.
 * Method: the real server under real keys, asked by the kiosk's own client and by bare sockets; thousands of spoilt
 * bodies through the same client.
 */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { systemClock as clock } from '../../../src/base/clock.ts'
import type { ClaimServerOptions } from '../../../src/fleet/claims/claim-server.ts'
import { askClaim, askRenewal } from '../../../src/keys/claim/ask.ts'
import { requestKeyOf } from '../../../src/keys/claim/own-key.ts'
import { initKeys, issueKiosk } from '../../../src/keys/make-keys.ts'
import { newKey } from '../../../src/keys/pem.ts'
import { makeRequest } from '../../../src/keys/request.ts'
import { claimCentre } from '../../support/claim-centre.ts'
import { ManualClock } from '../../support/manual-clock.ts'

t.setTimeout(180_000)
const { signal } = new AbortController()
const { keys, root, pem, serve: serveCentre } = await claimCentre(t)
const ca = join(keys, 'kiosk-ca')

/** With a desk of its own claims, and a token. */
async function serve(t: Test, more: Partial<ClaimServerOptions> = {}) {
  const served = await serveCentre(t, more)
  const { token } = await served.desk.createToken({ identity: {}, validMs: 60_000, by: 'ani' })
  return { ...served, token }
}

/** A clock for a rate limit that never hinders. */
const hurried = () => {
  let elapsedMs = 0
  return { ...clock, monotonicMs: () => (elapsedMs += 60_000) }
}

async function post(
  port: number,
  body: string | Uint8Array,
  options: RequestOptions = {},
): Promise<{ status: number; text: string; retryAfter?: string }> {
  return new Promise((resolve, reject) => {
    const asked = httpsRequest(
      { port, host: '127.0.0.1', path: '/claim', method: 'POST', ca: root, agent: false, ...options },
      async response => {
        let text = ''
        for await (const part of response.setEncoding('utf8')) text += part
        resolve({ status: response.statusCode ?? 0, text, retryAfter: response.headers['retry-after'] })
      },
    )
    asked.setHeader('content-type', 'application/json')
    asked.on('error', reject)
    asked.end(body)
  })
}

t.test('a kiosk asks until it is approved', async t => {
  const { desk, token, url } = await serve(t)
  const own = newKey()
  const question = { request: await makeRequest('kiosk-0001', requestKeyOf(own.key)), token }
  t.match(await askClaim({ url, root, signal }, question), { state: 'pending', name: 'kiosk-0001' })
  for await (const { id } of desk.claims()) await desk.approve(id, { by: 'budi' })
  const answer = await askClaim({ url, root, signal }, question)
  t.match(answer, { state: 'approved', name: 'kiosk-0001' })
  const other = { ...question, request: await makeRequest('kiosk-0001', requestKeyOf(newKey().key)) }
  await t.rejects(askClaim({ url, root, signal }, other), { code: 'claims/token-used' })
})

t.test('a kiosk speaks to nobody whom its root does not vouch for', async t => {
  const { token, port } = await serve(t)
  const elsewhere = t.testdir()
  await initKeys(elsewhere, { clock })
  const foreign = await readFile(join(elsewhere, 'keys/kiosk-ca/root.pem'), 'utf8')
  const question = { request: await makeRequest('kiosk-0001', requestKeyOf(newKey().key)), token }
  const at = (host: string, pinned: string) =>
    askClaim({ url: `https://${host}:${port}`, root: pinned, signal }, question)
  await t.rejects(at('127.0.0.1', foreign), {
    code: 'claims/unavailable',
    details: { code: 'SELF_SIGNED_CERT_IN_CHAIN' },
  })
  await t.rejects(at('localhost', root), {
    code: 'claims/unavailable',
    details: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  })
  const old = connectTls({ port, host: '127.0.0.1', ca: root, maxVersion: 'TLSv1.2' })
  const [error] = await once(old, 'error')
  t.equal(error.code, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
})

t.test('other paths, methods, bodies', async t => {
  const { token, port, desk } = await serve(t)
  const request = await makeRequest('kiosk-0001', requestKeyOf(newKey().key))
  const good = JSON.stringify({ request, token })
  const cases: [string, number, string, RequestOptions][] = [
    ['another path', 400, good, { path: '/' }],
    ['a path below', 400, good, { path: '/claim/../claim' }],
    ['reading', 400, '', { method: 'GET' }],
    ['no JSON', 400, 'token', {}],
    ['a field more', 400, JSON.stringify({ request, token, name: 'x' }), {}],
    ['a short token', 400, JSON.stringify({ request, token: token.slice(1) }), {}],
    ['an unknown token', 401, JSON.stringify({ request, token: 'A'.repeat(43) }), {}],
    ['no request', 400, JSON.stringify({ request: 'x', token }), {}],
    ['no certificate to renew', 403, JSON.stringify({ request }), { path: '/renew' }],
  ]
  for (const [what, status, body, options] of cases) {
    const answer = await post(port, body, options)
    t.equal(answer.status, status, what)
    t.match(JSON.parse(answer.text), { error: /^(claims|keys)\// })
  }
  // Not read to its end: an answer, or a connection that is closed.
  const large = await post(port, 'x'.repeat(1_000_000)).catch(() => ({ status: 400 }))
  t.equal(large.status, 400, 'a large body')
  for await (const claim of desk.claims()) t.fail('nothing of it is a claim', claim)
})

t.test('who asks too often waits', async t => {
  const time = new ManualClock(Date.now())
  const { port } = await serve(t, { clock: time })
  for (let call = 0; call < 30; call++) t.equal((await post(port, '{}')).status, 400)
  const refused = await post(port, '{}')
  t.equal(refused.status, 429)
  t.equal(refused.retryAfter, '1')
  await time.advance(1_000)
  t.equal((await post(port, '{}')).status, 400)
})

t.test('spoilt bodies are refused and leave nothing behind', async t => {
  const { token, port, desk } = await serve(t, { clock: hurried() })
  const request = await makeRequest('kiosk-0001', requestKeyOf(newKey().key))
  const good = Buffer.from(JSON.stringify({ request, token }))
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
    return seed % below
  }
  const statuses = new Map<number, number>()
  for (let round = 0; round < 1_500; round++) {
    const body = Buffer.from(good)
    for (let change = 0; change <= random(3); change++) body[random(body.length)] = random(256)
    if (body.equals(good)) continue
    const spoilt = round % 3 === 0 ? body.subarray(0, random(body.length)) : body
    const { status } = await post(port, spoilt)
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  t.same(
    [...statuses.keys()].filter(status => ![202, 400, 401, 409].includes(status)),
    [],
    'never our fault',
  )
  // Base64 forgives some changes (line breaks): then it is the same request still.
  for await (const { name } of desk.claims()) t.equal(name, 'kiosk-0001')
  t.ok((statuses.get(400) ?? 0) > 500)
})

t.test('a standing certificate renews itself', async t => {
  const revoked = new Set<string>()
  const { url, desk } = await serve(t, { isRevoked: async serial => revoked.has(serial) })
  const out = join(keys, 'kiosk-0007')
  await issueKiosk(ca, { name: 'kiosk-0007', out, clock })
  const client = { key: await pem('kiosk-0007/key.pem'), cert: await pem('kiosk-0007/certificate.pem') }
  const request = await makeRequest('kiosk-0007', requestKeyOf(client.key))
  const renew = (by = client, asked = request) =>
    askRenewal({ url, root, signal, client: by }, { request: asked })
  const answer = await renew()
  if (answer.state !== 'approved') return t.fail(answer.state)
  const [before, after] = [new X509Certificate(client.cert), new X509Certificate(answer.certificate)]
  t.not(after.serialNumber, before.serialNumber)
  t.same(after.publicKey.export({ format: 'jwk' }), before.publicKey.export({ format: 'jwk' }))

  const refused = { code: 'claims/rejected' }
  await t.rejects(renew(client, await makeRequest('kiosk-0008', requestKeyOf(client.key))), refused, 'name')
  const other = await makeRequest('kiosk-0007', requestKeyOf(newKey().key))
  await t.rejects(renew(client, other), refused, 'key')
  await issueKiosk(ca, {
    name: 'kiosk-0009',
    out: join(keys, 'kiosk-0009'),
    clock: { ...clock, nowMs: () => Date.now() - 400 * 86_400_000 },
  })
  const lapsed = { key: await pem('kiosk-0009/key.pem'), cert: await pem('kiosk-0009/certificate.pem') }
  const asked = await makeRequest('kiosk-0009', requestKeyOf(lapsed.key))
  await t.rejects(renew(lapsed, asked), refused, 'lapsed')
  const operations = { key: await pem('ops/key.pem'), cert: await pem('ops/certificate.pem') }
  await t.rejects(renew(operations), refused, 'of another role')
  revoked.add(before.serialNumber)
  await t.rejects(renew(), refused, 'revoked')
  for await (const { entry } of desk.auditLog())
    if (entry.what === 'renewed') t.equal(entry.kiosk, 'kiosk-0007')
})
