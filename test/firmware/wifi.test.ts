/**
 * Goal: a card for a site without a cable holds what its radio needs, and not the passphrase.
 * Method: the key of IEEE 802.11's own example; names and passphrases of every kind.
 */
import t from 'tap'
import { wifiConfig } from '../../firmware/flash/wifi.ts'

const country = 'ID'

t.test('the key is that of the standard’s example', async t => {
  const text = wifiConfig({ name: 'IEEE', passphrase: 'password', country })
  t.match(text, 'psk=f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e')
  t.match(text, 'ssid=49454545')
  t.match(text, 'country=ID')
  t.notMatch(text, 'password')
})

t.test('a name cannot write anything else into the file', async t => {
  const text = wifiConfig({ name: 'x"}\nnetwork={', passphrase: 'password', country })
  t.equal(text.match(/network=/g)?.length, 1)
  t.match(wifiConfig({ name: 'Kantor Désa', passphrase: 'password', country }), /ssid=[0-9a-f]{24}\n/)
})

t.test('refused', async t => {
  const good = { name: 'kantor', passphrase: 'password', country }
  for (const [wrong, what] of [
    [{ name: '' }, 'name'],
    [{ name: 'é'.repeat(17) }, 'name'],
    [{ passphrase: 'seven77' }, 'passphrase'],
    [{ passphrase: 'a'.repeat(64) }, 'passphrase'],
    [{ passphrase: 'password\n' }, 'passphrase'],
    [{ country: 'id' }, 'country'],
  ] as const)
    t.throws(() => wifiConfig({ ...good, ...wrong }), { code: 'flash/bad-wifi', details: { what } })
})
