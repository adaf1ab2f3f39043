/**
 * Goal: keys are made whole or not at all, never overwritten, never left readable to others, and what
 * comes from outside (a certificate request, a file) is refused with a code an operator can act on.
 */
import 'reflect-metadata'
import { type webcrypto, X509Certificate } from 'node:crypto'
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import t, { type Test } from 'tap'
import { Authority } from '../../src/keys/authority.ts'
import { requestKeyOf } from '../../src/keys/claim/own-key.ts'
import { openAbisKeys, openKioskKeys, openSigningKeys } from '../../src/keys/file-key-store.ts'
import {
  addDecryptionKey,
  handOutRevocations,
  initDemoKeys,
  initKeys,
  issueBroker,
  issueKiosk,
  renewCertificate,
} from '../../src/keys/make-keys.ts'
import { newKey } from '../../src/keys/pem.ts'
import { makeRequest } from '../../src/keys/request.ts'
import { compromisedSerials } from '../../src/keys/x509.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { make } from './hostile.ts'

const DAY_MS = 86_400_000
const clock = new ManualClock(Date.UTC(2026, 5, 1))

async function centre(t: Test) {
  const data = t.testdir()
  await initKeys(data, { clock })
  return { data, keys: join(data, 'keys') }
}

async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
}

t.test('the demo has everything on one machine', async t => {
  const data = t.testdir()
  await initDemoKeys(data, { clock, kiosk: 'kiosk-0001' })
  const keys = join(data, 'keys')
  t.same((await readdir(data)).sort(), ['keys'], 'nothing is left beside it')
  t.same((await readdir(keys)).sort(), ['abis', 'broker', 'kiosk', 'kiosk-ca', 'ops', 'root', 'updates'])
  const kiosk = await openKioskKeys(join(keys, 'kiosk'))
  const abis = await openAbisKeys(join(keys, 'abis'))
  const ops = await openSigningKeys(join(keys, 'ops'), 'ops')
  t.same(
    [kiosk.name, abis.name, ops.name, kiosk.abis.name],
    ['kiosk-0001', 'abis-central', 'ops-central', 'abis-central'],
  )
  t.ok(abis.decryptionKey(kiosk.abis.kid), 'the ABIS has the key that the kiosk encrypts to')
  t.equal(abis.decryptionKey('A'.repeat(43)), undefined)
  const secrets = [kiosk, abis].flatMap(({ dataKey, indexKey }) => [dataKey, indexKey])
  t.same(new Set(secrets.map(key => Buffer.from(key).toString('hex'))).size, 4, 'no two are the same')
  t.ok(secrets.every(key => key.length === 32))

  for (const name of await files(keys)) {
    const secret = name.endsWith('key.pem') || name.endsWith('.key')
    const { mode } = await stat(join(keys, name))
    t.equal((mode & 0o777).toString(8), secret ? '400' : '444', name)
    const holdsKey = (await readFile(join(keys, name))).includes('PRIVATE KEY')
    t.equal(holdsKey, name.endsWith('key.pem'), name)
  }
})

t.test('no two centres share a secret', async t => {
  const data = t.testdir()
  const secrets: string[] = []
  for (const centre of ['one', 'two']) {
    await initDemoKeys(join(data, centre), { clock })
    const keys = join(data, centre, 'keys')
    const names = (await files(keys)).filter(name => name.endsWith('key.pem') || name.endsWith('.key'))
    for (const name of names) secrets.push(await readFile(join(keys, name), 'hex'))
  }
  t.equal(secrets.length, 24)
  t.equal(new Set(secrets).size, secrets.length)
})

t.test('keys are never overwritten and never half made', async t => {
  const { data, keys } = await centre(t)
  const before = await readFile(join(keys, 'root/key.pem'))
  await t.rejects(initKeys(data, { clock }), { code: 'keys/exists' })
  await t.rejects(initDemoKeys(data, { clock }), { code: 'keys/exists' })
  t.same(await readFile(join(keys, 'root/key.pem')), before)

  const other = join(data, 'other')
  await t.rejects(initDemoKeys(other, { clock, kiosk: 'Kiosk #1' }), { code: 'keys/bad-name' })
  t.same(await readdir(other), [], 'what was begun is gone')
  await initDemoKeys(other, { clock })
  t.same((await readdir(other)).sort(), ['keys'])
})

t.test('a kiosk is certified by its name, and not under a name of the centre', async t => {
  const { keys } = await centre(t)
  const ca = join(keys, 'kiosk-ca')
  const out = join(keys, 'kiosk-0007')
  await issueKiosk(ca, { name: 'kiosk-0007', out, clock })
  const kiosk = await openKioskKeys(out)
  t.equal(kiosk.name, 'kiosk-0007')
  t.equal(Date.parse(kiosk.certificate.validTo) - clock.nowMs(), 365 * DAY_MS)
  await t.rejects(issueKiosk(ca, { name: 'kiosk-0008', out, clock }), { code: 'keys/exists' })
  for (const name of ['abc', 'x'.repeat(37), 'Kiosk', 'kiosk/1', 'abis-central', 'ops-1', 'broker', 'root-1'])
    await t.rejects(issueKiosk(ca, { name, out: join(keys, 'new'), clock }), { code: 'keys/bad-name' }, name)
  t.notOk((await readdir(keys)).includes('new'))
})

t.test('a kiosk that keeps its key to itself sends a request', async t => {
  const { keys } = await centre(t)
  const ca = join(keys, 'kiosk-ca')
  const own = newKey()
  const request = await makeRequest('kiosk-0009', requestKeyOf(own.key))
  const out = join(keys, 'kiosk-0009')
  await issueKiosk(ca, { name: 'kiosk-0009', out, clock, request })
  t.same((await readdir(out)).sort(), ['abis.pem', 'certificate.pem', 'root.pem'], 'no key is made for it')
  const certificate = new X509Certificate(await readFile(join(out, 'certificate.pem')))
  t.same(certificate.publicKey.export({ type: 'spki', format: 'der' }), own.publicKey)

  const p384 = await make({ subject: 'CN=kiosk-0009', algorithm: 'P-384' })
  const wrongCurve = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=kiosk-0009',
    keys: p384.keys as webcrypto.CryptoKeyPair,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-384' },
  })
  const der = Buffer.from(request.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  der[der.length - 1] ^= 1
  const badSignature = x509.PemConverter.encode(der, 'CERTIFICATE REQUEST')
  const bad: [string, string, string][] = [
    ['kiosk-0009', badSignature, 'signature'],
    ['kiosk-0009', 'not a request', 'signature'],
    ['kiosk-0009', '', 'signature'],
    ['kiosk-0010', request, 'other-name'],
    ['kiosk-0009', wrongCurve.toString('pem'), 'not-p256'],
  ]
  for (const [name, pem, reason] of bad)
    await t.rejects(
      issueKiosk(ca, { name, out: join(keys, 'refused'), clock, request: pem }),
      { code: 'keys/bad-request', details: { reason } },
      reason,
    )
})

t.test('revoking names every certificate of that name, and the list says why', async t => {
  const { keys } = await centre(t)
  const ca = join(keys, 'kiosk-ca')
  for (const [index, name] of ['kiosk-0001', 'kiosk-0001', 'kiosk-0002', 'kiosk-0003'].entries())
    await issueKiosk(ca, { name, out: join(keys, `out-${index}`), clock })
  const serial = async (index: number) =>
    (await openKioskKeys(join(keys, `out-${index}`))).certificate.serialNumber

  const authority = await Authority.open(ca, clock)
  await t.rejects(authority.revoke('kiosk-0004', 'lost'), { code: 'keys/unknown-name' })
  t.equal((await authority.revoke('kiosk-0001', 'lost')).length, 2)
  t.equal((await authority.revoke('kiosk-0001', 'lost')).length, 0, 'again')
  t.equal((await authority.revoke('kiosk-0001', 'retired')).length, 0, 'lost stays lost')
  t.equal((await authority.revoke('kiosk-0002', 'retired')).length, 1)
  const reopened = await Authority.open(ca, clock)
  const crl = new x509.X509Crl(await reopened.crl())
  t.same(
    crl.entries.map(entry => [entry.serialNumber.toUpperCase(), entry.reason]),
    [
      [await serial(0), x509.X509CrlReason.keyCompromise],
      [await serial(1), x509.X509CrlReason.keyCompromise],
      [await serial(2), x509.X509CrlReason.cessationOfOperation],
    ],
  )
  t.same(compromisedSerials(await reopened.crl()), new Set([await serial(0), await serial(1)]))
  const caCertificate = new x509.X509Certificate(await readFile(join(ca, 'certificate.pem'), 'utf8'))
  t.ok(await crl.verify({ publicKey: caCertificate.publicKey }))
  t.equal(crl.nextUpdate?.getTime(), caCertificate.notAfter.getTime(), 'it does not lapse by being forgotten')

  await rm(join(ca, 'issued.jsonl'))
  await t.rejects(Authority.open(ca, clock), { code: 'keys/missing' }, 'a lost ledger is no empty one')
  await writeFile(join(ca, 'issued.jsonl'), '{"serialNumber":"1"}\n')
  await t.rejects(Authority.open(ca, clock), { code: 'keys/unreadable', details: { line: 1 } })
})

t.test('revoking works while the root is in its safe', async t => {
  const { keys } = await centre(t)
  await issueBroker(keys, { name: 'broker', hosts: ['localhost'], out: join(keys, 'broker'), clock })
  await issueKiosk(join(keys, 'kiosk-ca'), { name: 'kiosk-0001', out: join(keys, 'kiosk-0001'), clock })
  await rm(join(keys, 'root'), { recursive: true })
  const authority = await Authority.open(join(keys, 'kiosk-ca'), clock)
  await authority.revoke('kiosk-0001', 'lost')
  await handOutRevocations(keys)
  const { certificate } = await openKioskKeys(join(keys, 'kiosk-0001'))
  for (const name of ['broker/crl.pem', 'kiosk-ca/both-crls.pem']) {
    const lists = await readFile(join(keys, name), 'utf8')
    t.equal(lists.match(/BEGIN X509 CRL/g)?.length, 2, name)
    t.ok(compromisedSerials(lists).has(certificate.serialNumber), name)
  }
  t.ok((await openAbisKeys(join(keys, 'abis'))).isRevoked(certificate.serialNumber))
})

t.test('nothing outlives what certified it', async t => {
  const data = t.testdir()
  const own = new ManualClock(Date.UTC(2026, 5, 1))
  await initKeys(data, { clock: own })
  const keys = join(data, 'keys')
  own.setWall(Date.UTC(2036, 0, 1))
  await issueKiosk(join(keys, 'kiosk-ca'), { name: 'kiosk-0001', out: join(keys, 'late'), clock: own })
  const ca = new X509Certificate(await readFile(join(keys, 'kiosk-ca/certificate.pem')))
  const kiosk = (await openKioskKeys(join(keys, 'late'))).certificate
  t.equal(kiosk.validTo, ca.validTo)
})

t.test('renewing keeps the key, the name and the old decryption keys', async t => {
  const data = t.testdir()
  const own = new ManualClock(Date.UTC(2026, 5, 1))
  await initDemoKeys(data, { clock: own })
  const keys = join(data, 'keys')
  const before = await openKioskKeys(join(keys, 'kiosk'))
  own.setWall(Date.UTC(2027, 2, 1))
  for (const folder of ['kiosk', 'abis', 'ops', 'updates'] as const) await renewCertificate(keys, folder, own)
  const after = await openKioskKeys(join(keys, 'kiosk'))
  t.equal(after.name, before.name)
  t.ok(after.certificate.publicKey.equals(before.certificate.publicKey))
  t.equal(Date.parse(after.certificate.validTo), Date.UTC(2027, 2, 1) + 365 * DAY_MS)
  t.equal((await openSigningKeys(join(keys, 'ops'), 'ops')).name, 'ops-central')

  const kid = await addDecryptionKey(keys, own)
  const abis = await openAbisKeys(join(keys, 'abis'))
  t.ok(abis.decryptionKey(kid))
  t.ok(abis.decryptionKey(before.abis.kid))
})

t.test('a broker gets names, authorities and a list from each of them', async t => {
  const { keys } = await centre(t)
  const hosts = ['broker.example.org', '192.0.2.7']
  await issueBroker(keys, { name: 'broker', hosts, out: join(keys, 'broker'), clock })
  const certificate = new X509Certificate(await readFile(join(keys, 'broker/certificate.pem')))
  t.equal(certificate.subjectAltName, 'DNS:broker.example.org, IP Address:192.0.2.7')
  t.equal((await readFile(join(keys, 'broker/crl.pem'), 'utf8')).match(/BEGIN X509 CRL/g)?.length, 2)
  t.equal((await readFile(join(keys, 'broker/ca.pem'), 'utf8')).match(/BEGIN CERTIFICATE/g)?.length, 2)
})

t.test('folders that are not right are refused by name', async t => {
  const data = t.testdir()
  await initDemoKeys(data, { clock })
  const folder = join(data, 'keys/kiosk')
  const opens = (code: string, say: string) => t.rejects(openKioskKeys(folder), { code }, say)
  const swap = async (name: string, content: string | Uint8Array, code: string, say: string) => {
    const path = join(folder, name)
    const good = await readFile(path)
    await rm(path)
    await writeFile(path, content, { mode: 0o400 })
    await opens(code, say)
    await rm(path)
    await writeFile(path, good, { mode: 0o400 })
  }
  t.ok(await openKioskKeys(folder))
  await t.rejects(openKioskKeys(join(data, 'nowhere')), { code: 'keys/missing' })
  const other = await readFile(join(data, 'keys/ops/key.pem'))
  const opsChain = await readFile(join(data, 'keys/ops/certificate.pem'))
  const caKey = join(data, 'keys/kiosk-ca/certificate.pem')
  await swap('key.pem', other, 'keys/unreadable', 'the key of somebody else')
  await swap('key.pem', 'junk', 'keys/unreadable', 'no key')
  await swap('certificate.pem', opsChain, 'keys/unreadable', 'another role')
  await swap('certificate.pem', '', 'keys/unreadable', 'no certificate')
  await swap('root.pem', await readFile(caKey), 'keys/unreadable', 'not a root')
  await swap('abis.pem', opsChain, 'keys/unreadable', 'not a decryption key')
  await swap('data.key', Buffer.alloc(31), 'keys/unreadable', 'a short key')
  await rm(join(folder, 'index.key'))
  await opens('keys/missing', 'no index key')
  await writeFile(join(folder, 'index.key'), Buffer.alloc(32), { mode: 0o400 })
  t.ok(await openKioskKeys(folder))
  await chmod(join(folder, 'data.key'), 0o440)
  await opens('keys/unreadable', 'a secret that the group can read')
})
