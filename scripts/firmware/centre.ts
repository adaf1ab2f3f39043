import { X509Certificate } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import type { BundleReport } from '../../firmware/update/make-bundle.ts'
import { systemClock as clock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openAbis } from '../../src/cli/abis/open-abis.ts'
import { ClaimDesk } from '../../src/fleet/claims/claim-desk.ts'
import { serveClaims } from '../../src/fleet/claims/claim-server.ts'
import { certifyKiosk } from '../../src/keys/certify-kiosk.ts'
import type { Site } from '../../src/keys/claim/site.ts'
import { openSigningKeys } from '../../src/keys/file-key-store.ts'
import { initDemoKeys, issueBroker } from '../../src/keys/make-keys.ts'
import { openMemoryKv } from '../../src/kv/memory.ts'
import { connectBroker } from '../../src/mqtt/connect.ts'
import { kioskTopic } from '../../src/mqtt/topics.ts'
import { openOpsSeal } from '../../src/seal/config-seal.ts'
import {
  type DesiredUpdate,
  type ReportedUpdate,
  reportedUpdateSchema,
} from '../../src/settings/update-desired.ts'
import { startMosquitto } from '../../test/support/mosquitto.ts'
import { HOST_ADDRESS } from './booted-image.ts'

const HOUR_MS = 3_600_000
const BACKOFF = { backoffMsMin: 200, backoffMsMax: 5_000 }

export type Centre = Awaited<ReturnType<typeof startCentre>>

/**
 * Everything that one kiosk in QEMU talks to, on this machine and for real: Mosquitto with TLS, the ABIS, the claim
 * desk, and a server of bundles, which forgets every connection after `cutAtBytes`.
 */
export async function startCentre(data: string, { kiosk }: { readonly kiosk: string }) {
  const closers: (() => unknown)[] = []
  const hosts = ['127.0.0.1', 'localhost', HOST_ADDRESS]
  await initDemoKeys(data, { clock, hosts })
  const keys = join(data, 'keys')
  await issueBroker(keys, { name: 'claims', hosts, out: join(keys, 'claims'), clock })
  const pem = (name: string) => readFile(join(keys, name), 'utf8')
  const root = await pem('kiosk-ca/root.pem')
  const mosquitto = await startMosquitto({ teardown: closer => closers.push(closer) }, join(keys, 'broker'))
  const url = `mqtts://127.0.0.1:${mosquitto.port}`
  closers.push((await openAbis({ data, url, clock, log: silentLog })).close)

  const desk = await ClaimDesk.open({
    kv: openMemoryKv(),
    clock,
    certify: requested => certifyKiosk(join(keys, 'kiosk-ca'), requested, clock),
  })
  const claims = await serveClaims({
    desk,
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
  })
  closers.push(() => claims.close())

  const opsKeys = await openSigningKeys(join(keys, 'ops'), 'ops')
  const ops = openOpsSeal({ keys: opsKeys, clock })
  const broker = connectBroker({
    url,
    clientId: ops.ops,
    tls: opsKeys.tls,
    backoff: BACKOFF,
    clock,
    random: Math.random,
    log: silentLog,
  })
  closers.push(() => broker.close())
  const reports: ReportedUpdate[] = []
  await broker.subscribe(kioskTopic(kiosk, 'update/reported'), async ({ body }) => {
    if (body.length > 0) reports.push(reportedUpdateSchema.parse(JSON.parse(Buffer.from(body).toString())))
  })
  const bundles = await serveBundles()
  closers.push(() => bundles.close())
  let version = 0
  return {
    keys,
    brokerUrl: `mqtts://${HOST_ADDRESS}:${mosquitto.port}`,
    desk,
    bundles,
    /** Every word of the kiosk on its image so far. */
    reports,
    /** For another kiosk, where `kiosk` is named; this centre's topics are of the first one alone. */
    async newSite(name = kiosk): Promise<Site> {
      const identity = { broker: `mqtts://${HOST_ADDRESS}:${mosquitto.port}` }
      const { token, expiresAt } = await desk.createToken({
        kiosk: name,
        identity,
        validMs: HOUR_MS,
        by: 'test',
      })
      const claim = { url: `https://${HOST_ADDRESS}:${claims.port}`, token, expiresAt }
      return { kiosk: name, ...identity, root, claim }
    },
    /** Operations want this image. Returns the number of that wish. */
    async want(bundle: BundleReport, more: Partial<DesiredUpdate> = {}): Promise<number> {
      const { compatible, bytes, sha256, expiresAt, version: image } = bundle
      const where = bundles.urlOf(bundle.bundle)
      const desired = { version: ++version, image, compatible, url: where, bytes, sha256, expiresAt, ...more }
      const { body } = await ops.sealUpdate(kiosk, desired)
      await broker.publish({ topic: kioskTopic(kiosk, 'update/desired'), body, qos: 1, retain: true })
      return version
    },
    async close() {
      for (const closer of closers.reverse()) await closer()
    },
  }
}

/** Files by HTTP with ranges, to whoever is on this machine. */
async function serveBundles() {
  const files = new Map<string, string>()
  /** First byte of each answer so far. */
  const asked: number[] = []
  const server = createServer(async (request, response) => {
    const file = files.get(request.url ?? '')
    if (file === undefined) return response.writeHead(404).end()
    const { size } = await stat(file)
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    asked.push(start)
    const range = { 'content-range': `bytes ${start}-${size - 1}/${size}` }
    response.writeHead(start > 0 ? 206 : 200, start > 0 ? range : {})
    createReadStream(file, { start }).pipe(response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    asked,
    urlOf(file: string): string {
      files.set(`/${basename(file)}`, file)
      return `http://${HOST_ADDRESS}:${port}/${basename(file)}`
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
