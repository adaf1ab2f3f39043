/**
 * Goal: what a kiosk asks for a certificate with is a PKCS #10 request that others read, whatever its key signs.
 * Method: OpenSSL and the certificate library judge requests of many keys, so that every length of r and s occurs;
 * then the code of a key, worked out a second way.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import t from 'tap'
import { requestKeyOf } from '../../src/keys/claim/own-key.ts'
import { keyCode } from '../../src/keys/key-code.ts'
import { newKey } from '../../src/keys/pem.ts'
import { makeRequest } from '../../src/keys/request.ts'
import { readRequestedKey } from '../../src/keys/requested-key.ts'

t.test('OpenSSL takes it', async t => {
  const request = await makeRequest('kiosk-0001', requestKeyOf(newKey().key))
  const words = ['req', '-verify', '-noout', '-subject', '-text']
  const text = execFileSync('openssl', words, { input: request, encoding: 'utf8', stdio: 'pipe' })
  t.match(text, /subject=CN = kiosk-0001/)
  t.match(text, /NIST CURVE: P-256/)
})

t.test('so does the library, for 600 signatures', async t => {
  const { key, publicKey } = newKey()
  const own = requestKeyOf(key)
  const name = 'k'.repeat(36)
  for (let round = 0; round < 600; round++) {
    const read = await readRequestedKey(await makeRequest(name, own))
    if (read.name !== name || !Buffer.from(read.publicKey).equals(publicKey)) t.fail(`round ${round}`)
  }
})

t.test('short r and s', async t => {
  const { publicKey } = requestKeyOf(newKey().key)
  for (const first of [0x00, 0x7f, 0x80]) {
    const signature = Buffer.alloc(64, 1)
    signature[0] = first
    signature[33] = first
    signature[32] = 0
    const request = await makeRequest('kiosk-0001', { publicKey, sign: async () => signature })
    const text = execFileSync('openssl', ['asn1parse'], { input: request, encoding: 'utf8' })
    t.match(text, /BIT STRING/)
    await t.rejects(readRequestedKey(request), { code: 'keys/bad-request' }, 'and is no signature')
  }
})

t.test('the code of a key', async t => {
  const { publicKey } = newKey()
  const code = keyCode(publicKey)
  t.match(code, /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/)
  const bits = [...createHash('sha256').update(publicKey).digest().subarray(0, 8)]
    .map(byte => byte.toString(2).padStart(8, '0'))
    .join('')
  const signs = (bits.slice(0, 60).match(/.{5}/g) ?? []).map(
    five => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[Number.parseInt(five, 2)],
  )
  t.equal(code.replaceAll('-', ''), signs.join(''))
  t.not(keyCode(newKey().publicKey), code)
})
