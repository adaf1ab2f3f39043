/**
 * Goal: a certificate takes a token and a person; a token serves one key, once, until its day; whatever is decided is
 * written down, and none of it is forgotten by a restart.
 * Method: a desk on a store in memory with real keys of a real kiosk CA, and a clock that the test moves.
 */
import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ClaimDesk } from '../../../src/fleet/claims/claim-desk.ts'
import { Authority } from '../../../src/keys/authority.ts'
import { certifyKiosk } from '../../../src/keys/certify-kiosk.ts'
import { requestKeyOf } from '../../../src/keys/claim/own-key.ts'
import { keyCode } from '../../../src/keys/key-code.ts'
import { initKeys } from '../../../src/keys/make-keys.ts'
import { newKey } from '../../../src/keys/pem.ts'
import { makeRequest } from '../../../src/keys/request.ts'
import { openMemoryKv } from '../../../src/kv/memory.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const HOUR_MS = 3_600_000
const FROM = '192.0.2.1'

async function newDesk(t: Test) {
  const clock = new ManualClock(Date.now())
  const data = t.testdir()
  await initKeys(data, { clock })
  const ca = join(data, 'keys/kiosk-ca')
  const kv = openMemoryKv()
  const open = () => ClaimDesk.open({ kv, clock, certify: requested => certifyKiosk(ca, requested, clock) })
  return { clock, ca, kv, open, desk: await open() }
}

async function newKiosk(name: string) {
  const { key, publicKey } = newKey()
  const own = requestKeyOf(key)
  return { publicKey, code: keyCode(publicKey), request: () => makeRequest(name, own) }
}

const newToken = (desk: ClaimDesk, kiosk?: string) =>
  desk.createToken({ kiosk, identity: { site: 'Bandung' }, validMs: 24 * HOUR_MS, by: 'ani' })

async function onlyClaim(desk: ClaimDesk) {
  for await (const claim of desk.claims()) return claim
  throw new Error('no claim')
}

t.test('from token to certificate, across restarts', async t => {
  const { desk, open, clock } = await newDesk(t)
  const { token } = await newToken(desk)
  const kiosk = await newKiosk('kiosk-0001')
  const pending = { state: 'pending', name: 'kiosk-0001', code: kiosk.code }
  t.same(await desk.ask({ request: await kiosk.request(), token }, FROM), pending)
  const reopened = await open()
  t.same(await reopened.ask({ request: await kiosk.request(), token }, FROM), pending, 'asks again')
  const claim = await onlyClaim(reopened)
  t.match(claim, { name: 'kiosk-0001', code: kiosk.code, from: FROM, identity: { site: 'Bandung' } })

  await t.rejects(reopened.approve(claim.id, { by: 'budi', code: '0000-0000-0000' }), {
    code: 'claims/bad-request',
    details: { reason: /the code is another/ },
  })
  await reopened.approve(claim.id, { by: 'budi', code: kiosk.code.toLowerCase().replaceAll('-', ' ') })
  await clock.advance(30 * 24 * HOUR_MS)
  const answer = await (await open()).ask({ request: await kiosk.request(), token }, FROM)
  if (answer.state !== 'approved') return t.fail(answer.state)
  const certificate = new X509Certificate(answer.certificate)
  t.same(certificate.publicKey.export({ type: 'spki', format: 'der' }), kiosk.publicKey)
  t.equal(certificate.subject, 'CN=kiosk-0001')
  t.match(answer, { name: 'kiosk-0001', identity: { site: 'Bandung' }, abis: /BEGIN CERTIFICATE/ })

  await t.rejects(reopened.approve(claim.id, { by: 'budi' }), { code: 'claims/decided' })
  await t.rejects(reopened.reject(claim.id, { by: 'budi' }), { code: 'claims/decided' })
  const log: unknown[] = []
  for await (const { entry, intact } of reopened.auditLog()) {
    t.ok(intact)
    log.push([entry.who, entry.what])
  }
  t.same(log, [
    ['ani', 'token-created'],
    [FROM, 'claimed'],
    ['budi', 'approved'],
  ])
})

t.test('a token is of no use to another key', async t => {
  const { desk } = await newDesk(t)
  const { token } = await newToken(desk)
  const [first, second] = [await newKiosk('kiosk-0001'), await newKiosk('kiosk-0001')]
  await desk.ask({ request: await first.request(), token }, FROM)
  const stolen = async () => desk.ask({ request: await second.request(), token }, FROM)
  await t.rejects(stolen(), { code: 'claims/token-used' })
  await desk.approve((await onlyClaim(desk)).id, { by: 'budi' })
  await t.rejects(stolen(), { code: 'claims/token-used' }, 'nor once it was approved')
})

t.test('a token and a claim have their day', async t => {
  const { desk, clock } = await newDesk(t)
  const [late, early] = [await newToken(desk), await newToken(desk)]
  const kiosk = await newKiosk('kiosk-0001')
  await desk.ask({ request: await kiosk.request(), token: early.token }, FROM)
  await clock.advance(24 * HOUR_MS)
  await t.rejects(desk.ask({ request: await kiosk.request(), token: late.token }, FROM), {
    code: 'claims/expired',
  })
  const again = async () => desk.ask({ request: await kiosk.request(), token: early.token }, FROM)
  t.match(await again(), { state: 'pending' }, 'who came in time is waited for')
  await clock.advance(48 * HOUR_MS)
  await t.rejects(again(), { code: 'claims/expired' })
  const claim = await onlyClaim(desk)
  t.equal(desk.stateOf(claim), 'lapsed')
  await t.rejects(desk.approve(claim.id, { by: 'budi' }), { code: 'claims/expired' })
})

t.test('a token that was taken back', async t => {
  const { desk } = await newDesk(t)
  const [lost, used] = [await newToken(desk, 'kiosk-0001'), await newToken(desk)]
  const kiosk = await newKiosk('kiosk-0001')
  await desk.ask({ request: await kiosk.request(), token: used.token }, FROM)
  await desk.withdrawToken(lost.id, { by: 'budi' })
  await t.rejects(desk.ask({ request: await kiosk.request(), token: lost.token }, FROM), {
    code: 'claims/expired',
  })
  await t.rejects(desk.withdrawToken(used.id, { by: 'budi' }), { code: 'claims/decided' }, 'too late')
  await t.rejects(desk.withdrawToken('00000000', { by: 'budi' }), { code: 'claims/unknown-token' })
  const states: unknown[] = []
  for await (const token of desk.tokens()) states.push([token.id, desk.tokenStateOf(token)])
  t.same(
    states.sort(),
    [
      [lost.id, 'withdrawn'],
      [used.id, 'used'],
    ].sort(),
  )
})

t.test('what is rejected stays so', async t => {
  const { desk } = await newDesk(t)
  const { token } = await newToken(desk)
  const kiosk = await newKiosk('kiosk-0001')
  await desk.ask({ request: await kiosk.request(), token }, FROM)
  await desk.reject((await onlyClaim(desk)).id, { by: 'budi' })
  t.same(await desk.ask({ request: await kiosk.request(), token }, FROM), { state: 'rejected' })
})

t.test('names', async t => {
  const { desk, ca, clock } = await newDesk(t)
  const ask = async (name: string, token: string) =>
    desk.ask({ request: await (await newKiosk(name)).request(), token }, FROM)
  await t.rejects(newToken(desk, 'abis-central'), { code: 'keys/bad-name' })
  const { token } = await newToken(desk, 'kiosk-0001')
  await t.rejects(ask('kiosk-0002', token), { code: 'claims/bad-request' })
  await t.rejects(ask('ops-central', (await newToken(desk)).token), { code: 'claims/bad-request' })
  await ask('kiosk-0001', token)
  const claim = await onlyClaim(desk)
  const other = { name: 'kiosk-0001', publicKey: newKey().publicKey }
  await certifyKiosk(ca, other, clock)
  await t.rejects(desk.approve(claim.id, { by: 'budi' }), { code: 'claims/name-taken' })
  t.equal(desk.stateOf(await onlyClaim(desk)), 'pending')
  await (await Authority.open(ca, clock)).revoke('kiosk-0001', 'retired')
  t.match(await desk.approve(claim.id, { by: 'budi' }), { decision: { state: 'approved' } })
})

t.test('what is no request, no token, no claim', async t => {
  const { desk, kv } = await newDesk(t)
  const { token } = await newToken(desk)
  const kiosk = await newKiosk('kiosk-0001')
  const wrong = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
  await t.rejects(desk.ask({ request: await kiosk.request(), token: wrong }, FROM), {
    code: 'claims/unknown-token',
  })
  await t.rejects(desk.ask({ request: 'nothing', token }, FROM), { code: 'keys/bad-request' })
  for (const id of ['00000000', '', '../audit', 'ffffffffffff'])
    await t.rejects(desk.approve(id, { by: 'budi' }), { code: 'claims/unknown-claim' })
  for await (const { value } of kv.range({ from: '', to: '\uffff' }))
    t.notOk(Buffer.from(value).includes(token), 'the token is nowhere')
})
