import { pbkdf2Sync } from 'node:crypto'
import { KioskError } from '../../src/base/errors.ts'

const NAME_BYTES_MAX = 32
const PSK_ROUNDS = 4096
const PSK_BYTES = 32

export interface Wifi {
  /** SSID: 1 to 32 bytes of UTF-8. */
  readonly name: string
  /** 8 to 63 printable ASCII signs. */
  readonly passphrase: string
  /** Whose rules of the air are kept: ISO 3166-1, two letters. */
  readonly country: string
}

/**
 * Configuration for wpa_supplicant (its man page, wpa_supplicant.conf(5)). The passphrase is not in it, only the key that
 * it makes in this network (IEEE 802.11, "passphrase to PSK mapping"). Throws `flash/bad-wifi`.
 */
export function wifiConfig({ name, passphrase, country }: Wifi): string {
  const ssid = Buffer.from(name)
  if (ssid.length < 1 || ssid.length > NAME_BYTES_MAX) throw bad('name', '1 to 32 bytes')
  if (!/^[\x20-\x7e]{8,63}$/.test(passphrase)) throw bad('passphrase', '8 to 63 signs of ASCII')
  if (!/^[A-Z]{2}$/.test(country)) throw bad('country', 'two letters, as ID')
  const psk = pbkdf2Sync(passphrase, ssid, PSK_ROUNDS, PSK_BYTES, 'sha1').toString('hex')
  return `country=${country}
network={
  ssid=${ssid.toString('hex')}
  scan_ssid=1
  key_mgmt=WPA-PSK WPA-PSK-SHA256
  ieee80211w=1
  psk=${psk}
}
`
}

function bad(what: string, remedy: string): KioskError {
  return new KioskError('flash/bad-wifi', { what, remedy })
}
