import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { ClaimDesk, type ClaimDeskParts } from '../../src/fleet/claims/claim-desk.ts'
import { type ClaimServerOptions, serveClaims } from '../../src/fleet/claims/claim-server.ts'
import { certifyKiosk } from '../../src/keys/certify-kiosk.ts'
import type { Identity } from '../../src/keys/claim/message.ts'
import type { Site } from '../../src/keys/claim/site.ts'
import { initDemoKeys, issueBroker } from '../../src/keys/make-keys.ts'
import { type MemoryDisk, openMemoryKv } from '../../src/kv/memory.ts'

/** A centre with all keys in a folder of the test's own, and what a claim service on 127.0.0.1 needs. */
export async function claimCentre(t: Test, clock = systemClock) {
  const data = t.testdir()
  await initDemoKeys(data, { clock })
  const keys = join(data, 'keys')
  await issueBroker(keys, { name: 'claims', hosts: ['127.0.0.1'], out: join(keys, 'claims'), clock })
  const pem = (name: string) => readFile(join(keys, name), 'utf8')
  const root = await pem('kiosk-ca/root.pem')
  const parts = {
    host: '127.0.0.1',
    port: 0,
    tls: {
      key: await pem('claims/key.pem'),
      cert: await pem('claims/certificate.pem'),
      ca: await pem('claims/ca.pem'),
    },
    root: new X509Certificate(root),
    kioskCa: new X509Certificate(await pem('kiosk-ca/certificate.pem')),
    isRevoked: async () => false,
    clock,
    log: silentLog,
  }
  const certify: ClaimDeskParts['certify'] = requested =>
    certifyKiosk(join(keys, 'kiosk-ca'), requested, clock)

  /** The service until the test ends or `close` is called; on a `disk` of before, with what it knew then. */
  const serve = async (
    t: Pick<Test, 'teardown'>,
    more: Partial<ClaimServerOptions & Pick<ClaimDeskParts, 'certify'>> & { readonly disk?: MemoryDisk } = {},
  ) => {
    const desk = await ClaimDesk.open({
      kv: openMemoryKv(more.disk),
      clock,
      certify: more.certify ?? certify,
    })
    const server = await serveClaims({ ...parts, desk, ...more })
    t.teardown(() => server.close())
    const { port, close } = server
    return { desk, port, close, url: `https://127.0.0.1:${port}` }
  }
  const newSite = async (
    desk: ClaimDesk,
    url: string,
    more: Pick<Site, 'kiosk'> & Identity = {},
  ): Promise<Site> => {
    const { kiosk, ...identity } = more
    const { token, expiresAt } = await desk.createToken({ kiosk, identity, validMs: 60_000, by: 'ani' })
    return { ...more, root, claim: { url, token, expiresAt } }
  }
  return { data, keys, root, pem, serve, newSite }
}
