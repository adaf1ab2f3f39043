/**
 * Goal: a chain is believed only where it is ours, in its role, and in its time.
 * Method: start from one good hierarchy and change one thing at a time; each change must be refused
 * with its own fault, so that no refusal hides behind another.
 */
import { X509Certificate } from 'node:crypto'
import t from 'tap'
import { ANY_TIME, type ChainFault, ChainJudge, type Span } from '../../src/keys/chain.ts'
import type { SignerRole } from '../../src/keys/roles.ts'
import {
  CERT_SIGN,
  CLIENT_AUTH,
  DIGITAL_SIGNATURE,
  type Made,
  make,
  SERVER_AUTH,
  type Shape,
} from './hostile.ts'

const uri = (role: string) => `urn:tunggal:role:${role}`
const rootShape: Shape = { subject: 'CN=root', ca: true, usage: CERT_SIGN, uris: [uri('root')] }
const caShape: Shape = { subject: 'CN=kiosk-ca', ca: true, usage: CERT_SIGN, uris: [uri('kiosk-ca')] }
const leafShape: Shape = {
  ca: false,
  usage: DIGITAL_SIGNATURE,
  uris: [uri('kiosk')],
  extendedUsage: [CLIENT_AUTH],
}
const centreShape = (role: string): Shape => ({
  ...leafShape,
  subject: 'CN=abis-central',
  uris: [uri(role)],
})

const root = await make({ ...rootShape, notAfter: '2056-01-01T00:00:00Z' })
const ca = await make({ ...caShape, issuer: root, notAfter: '2036-01-01T00:00:00Z' })
const leaf = await make({ ...leafShape, issuer: ca })
const JUNE: Span = at('2026-06-01T00:00:00Z')

function at(iso: string): Span {
  return { fromMs: Date.parse(iso), toMs: Date.parse(iso) }
}

function judge(
  chain: readonly (Made | Uint8Array)[],
  options: { role?: SignerRole; signed?: Span; pinned?: Made } = {},
) {
  const { role = 'kiosk', signed = JUNE, pinned = root } = options
  const ders = chain.map(one => (one instanceof Uint8Array ? one : one.der))
  return new ChainJudge(new X509Certificate(pinned.der), role).judge(ders, signed)
}

function faultOf(...judged: Parameters<typeof judge>): ChainFault | 'trusted' {
  const verdict = judge(...judged)
  return verdict.trusted ? 'trusted' : verdict.fault
}

t.test('the good hierarchy is believed, each role in its own shape', async t => {
  const verdict = judge([leaf, ca])
  t.ok(verdict.trusted)
  if (verdict.trusted) {
    t.equal(verdict.signer.name, 'kiosk-0001')
    t.equal(verdict.signer.role, 'kiosk')
    const serials = [leaf, ca].map(({ der }) => new X509Certificate(der).serialNumber)
    t.same(verdict.signer.serialNumbers, serials)
  }
  for (const role of ['abis', 'ops'] as const)
    t.equal(faultOf([await make({ ...centreShape(role), issuer: root })], { role }), 'trusted')
  const decryption = { ...centreShape('abis-decryption'), extendedUsage: undefined, issuer: root }
  t.equal(faultOf([await make(decryption)], { role: 'abis-decryption' }), 'trusted')
})

t.test('another authority is not ours, whatever it calls itself', async t => {
  const otherRoot = await make(rootShape)
  const otherCa = await make({ ...caShape, issuer: otherRoot })
  const lookalike = await make({ ...caShape, issuer: { ...root, keys: otherRoot.keys } })
  const sameName = await make(caShape)
  t.equal(faultOf([leaf, ca], { pinned: otherRoot }), 'issuer')
  t.equal(faultOf([await make({ ...leafShape, issuer: otherCa }), otherCa]), 'issuer')
  t.equal(faultOf([await make({ ...leafShape, issuer: lookalike }), lookalike]), 'issuer')
  t.equal(faultOf([await make({ ...leafShape, issuer: sameName }), ca]), 'issuer')
  const self = await make({ ...leafShape, ca: true, usage: CERT_SIGN })
  t.equal(faultOf([self, self]), 'issuer')
  t.equal(faultOf([await make({ ...leafShape, issuer: sameName }), sameName]), 'issuer')
})

t.test('only the kiosk CA certifies kiosks', async t => {
  const kiosk = await make({ ...leafShape, issuer: ca })
  const byKiosk = await make({ ...leafShape, subject: 'CN=kiosk-0002', issuer: kiosk })
  t.equal(faultOf([byKiosk, kiosk]), 'issuer')
  t.equal(faultOf([byKiosk, kiosk, ca]), 'length')

  const noCa = await make({ ...caShape, ca: false, issuer: root })
  t.equal(faultOf([await make({ ...leafShape, issuer: noCa }), noCa]), 'not-a-ca')
  const noBasic = await make({ ...caShape, ca: undefined, usage: undefined, issuer: root })
  t.equal(faultOf([await make({ ...leafShape, issuer: noBasic }), noBasic]), 'not-a-ca')
  const noCertSign = await make({ ...caShape, usage: DIGITAL_SIGNATURE, issuer: root })
  t.equal(faultOf([await make({ ...leafShape, issuer: noCertSign }), noCertSign]), 'issuer')
  const otherCa = await make({ ...caShape, uris: [uri('image-ca')], issuer: root })
  t.equal(faultOf([await make({ ...leafShape, issuer: otherCa }), otherCa]), 'role')
  t.equal(faultOf([await make({ ...leafShape, issuer: root }), root]), 'role')
  t.equal(faultOf([await make({ ...leafShape, issuer: root })]), 'length')
})

t.test('a role is not another', async t => {
  for (const role of ['abis', 'ops', 'abis-decryption', 'kiosk-ca', 'root']) {
    const other = await make({ ...leafShape, uris: [uri(role)], issuer: ca })
    t.equal(faultOf([other, ca]), 'role', `${role} from the kiosk CA as kiosk`)
    if (role === 'abis' || role === 'ops') {
      t.equal(faultOf([other, ca], { role }), 'length', `${role} from the kiosk CA`)
      t.equal(faultOf([other], { role }), 'issuer', `${role} from the kiosk CA, alone`)
    }
  }
  t.equal(faultOf([await make({ ...centreShape('ops'), issuer: root })], { role: 'abis' }), 'role')
  const server = { ...centreShape('abis'), uris: [], dns: 'localhost', issuer: root }
  t.equal(faultOf([await make(server)], { role: 'abis' }), 'role')
  const shapes: Shape[] = [
    { uris: [] },
    { uris: [uri('kiosk'), uri('abis')] },
    { dns: 'kiosk-0001' },
    { uris: [`${uri('kiosk')}, URI:${uri('abis')}`] },
  ]
  for (const shape of shapes)
    t.equal(faultOf([await make({ ...leafShape, ...shape, issuer: ca }), ca]), 'role', JSON.stringify(shape))
})

t.test('a leaf is a client of the broker and nothing more', async t => {
  t.equal(faultOf([await make({ ...leafShape, ca: true, usage: CERT_SIGN, issuer: ca }), ca]), 'is-a-ca')
  for (const extendedUsage of [undefined, [SERVER_AUTH], [CLIENT_AUTH, SERVER_AUTH]])
    t.equal(faultOf([await make({ ...leafShape, extendedUsage, issuer: ca }), ca]), 'usage')
  for (const algorithm of ['P-384', 'RSA'] as const)
    t.equal(faultOf([await make({ ...leafShape, algorithm, issuer: ca }), ca]), 'key-type')
})

t.test('a name is one common name that fits a topic', async t => {
  const subjects = [
    'CN=abc',
    `CN=${'a'.repeat(37)}`,
    'CN=Kiosk-0001',
    'CN=kiosk\\+0001',
    'CN=kiosk/#',
    'CN=kiosk-0001\\, CN=x',
    'CN=kiosk-0001, CN=kiosk-0002',
    'CN=kiosk-0001, OU=kiosk',
    'CN=kiosk-0001\n',
    'CN=kiosk-0001\0',
    'OU=kiosk-0001',
  ]
  for (const subject of subjects)
    t.equal(faultOf([await make({ ...leafShape, subject, issuer: ca }), ca]), 'name', JSON.stringify(subject))
})

t.test('every certificate must have been valid at some moment of the span', async t => {
  const cases: [string, ChainFault | 'trusted'][] = [
    ['2025-12-31T23:59:59Z', 'not-yet-valid'],
    ['2026-01-01T00:00:00Z', 'trusted'],
    ['2027-01-01T00:00:00Z', 'trusted'],
    ['2027-01-01T00:00:01Z', 'expired'],
    ['1970-01-01T00:00:00Z', 'not-yet-valid'],
  ]
  for (const [iso, expected] of cases) t.equal(faultOf([leaf, ca], { signed: at(iso) }), expected, iso)
  const late = (fromIso: string): Span => ({ fromMs: Date.parse(fromIso), toMs: Date.parse('2027-03-01') })
  t.equal(faultOf([leaf, ca], { signed: late('2026-12-31') }), 'trusted')
  t.equal(faultOf([leaf, ca], { signed: late('2027-02-01') }), 'expired')
  t.equal(faultOf([leaf, ca], { signed: ANY_TIME }), 'trusted')

  const shortCa = await make({ ...caShape, issuer: root, notAfter: '2026-05-01T00:00:00Z' })
  t.equal(faultOf([await make({ ...leafShape, issuer: shortCa }), shortCa]), 'expired')
  const shortRoot = await make({ ...rootShape, notAfter: '2026-05-01T00:00:00Z' })
  const underShort = await make({ ...caShape, issuer: shortRoot })
  const last = await make({ ...leafShape, issuer: underShort })
  t.equal(faultOf([last, underShort], { pinned: shortRoot }), 'expired')
})

t.test('what was proved is remembered, its dates are judged again', async t => {
  const one = new ChainJudge(new X509Certificate(root.der), 'kiosk')
  for (const [iso, trusted] of [
    ['2026-06-01', true],
    ['2027-06-01', false],
    ['2026-06-01', true],
  ] as const)
    t.equal(one.judge([leaf.der, ca.der], at(iso)).trusted, trusted, iso)
  t.equal(one.judge([leaf.der, root.der], JUNE).trusted, false, 'a known leaf above another CA')
})

t.test('order, number and encoding', async t => {
  t.equal(faultOf([]), 'length')
  t.equal(faultOf([leaf]), 'length')
  t.equal(faultOf([leaf, ca, root]), 'length')
  t.equal(faultOf(Array.from({ length: 100 }, () => leaf)), 'length')
  t.equal(faultOf([ca, leaf]), 'issuer')
  t.equal(faultOf([leaf, leaf]), 'issuer')
  t.equal(faultOf([ca, ca]), 'issuer')
  const pem = new TextEncoder().encode(leaf.certificate.toString('pem'))
  const trailing = new Uint8Array([...leaf.der, 0])
  const long = new Uint8Array(100_000)
  for (const bytes of [pem, trailing, long, new Uint8Array(), leaf.der.subarray(0, -1)])
    t.equal(faultOf([bytes, ca]), 'unreadable')
})

t.test('no changed byte is believed', async t => {
  let believed = 0
  for (const position of [0, 1]) {
    const good = [leaf.der, ca.der]
    for (let index = 0; index < good[position].length * 2; index++) {
      const changed = Uint8Array.from(good[position])
      changed[index >> 1] ^= index % 2 === 0 ? 1 << (index % 7) : 0xff
      if (judge(good.with(position, changed)).trusted) believed++
    }
  }
  t.equal(believed, 0)
})
