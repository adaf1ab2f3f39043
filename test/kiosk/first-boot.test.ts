/**
 * Goal: a kiosk with nothing but its card comes to a certificate of its own key without anybody touching it, whatever
 * happens on the way; and takes none from whom its root does not vouch for, nor one that is not its own.
 * Method: the real service under real keys; a clock whose pauses are short; power cuts as new beginnings on one folder.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { ClaimDesk } from '../../src/fleet/claims/claim-desk.ts'
import { certifyKiosk } from '../../src/keys/certify-kiosk.ts'
import { isCertified, readIdentity } from '../../src/keys/claim/identity.ts'
import type { Site } from '../../src/keys/claim/site.ts'
import { openKioskKeys } from '../../src/keys/file-key-store.ts'
import { newKey } from '../../src/keys/pem.ts'
import { claimCertificate } from '../../src/kiosk/first-boot.ts'
import { MemoryDisk } from '../../src/kv/memory.ts'
import type { ClaimView } from '../../src/ui/claim-view.ts'
import { claimCentre } from '../support/claim-centre.ts'
import { until } from '../support/until.ts'

t.setTimeout(180_000)
const clock = {
  ...systemClock,
  sleep: (delayMs: number, signal?: AbortSignal) => systemClock.sleep(Math.min(delayMs, 20), signal),
}
const centre = await claimCentre(t)

/** A kiosk that claims in `folder` until the test ends or its plug is pulled. */
function start(t: Test, site: Site, folder: string) {
  const plug = new AbortController()
  const views: ClaimView[] = []
  const claimed = claimCertificate({
    site,
    folder,
    clock,
    log: silentLog,
    random: () => 0.5,
    signal: plug.signal,
    onView: view => views.push(view),
  })
  const ended = claimed.then(
    () => 'claimed' as const,
    () => 'stopped' as const,
  )
  t.teardown(() => plug.abort())
  const pull = async () => {
    plug.abort()
    await ended
  }
  const reaches = (state: ClaimView['state']) => until(() => views.at(-1)?.state === state)
  return { views, claimed, ended, pull, reaches }
}

async function approveAll(desk: ClaimDesk): Promise<void> {
  for await (const claim of desk.claims())
    if (desk.stateOf(claim) === 'pending') await desk.approve(claim.id, { by: 'budi' })
}

t.test('from an empty folder to a certificate, through power cuts and silence', async t => {
  const folder = join(t.testdir(), 'kiosk')
  const disk = new MemoryDisk()
  const first = await centre.serve(t, { disk })
  const identity = { site: 'Bandung', province: '32', broker: 'mqtts://broker.example.org:8883' }
  const site = await centre.newSite(first.desk, first.url, { kiosk: 'kiosk-0001', ...identity })
  const before = start(t, site, folder)
  await before.reaches('pending')
  t.match(before.views[0], { kiosk: 'kiosk-0001', state: 'asking', qr: /^tunggal-claim:1:kiosk-0001:/ })
  await before.pull()
  t.notOk(await isCertified(folder))

  await first.close()
  const again = start(t, site, folder)
  await again.reaches('unreachable')
  t.equal(again.views.at(-1)?.code, before.views[0].code, 'the same key')
  const second = await centre.serve(t, { disk, port: first.port })
  await again.reaches('pending')
  for await (const claim of second.desk.claims()) t.equal(claim.code, before.views[0].code)
  await approveAll(second.desk)
  await again.claimed
  t.equal(again.views.at(-1)?.state, 'approved')

  const keys = await openKioskKeys(folder)
  t.equal(keys.name, 'kiosk-0001')
  t.equal(keys.abis.name, 'abis-central')
  t.same(await readIdentity(folder), { ...identity, name: 'kiosk-0001', claimUrl: first.url })
  for (const name of ['key.pem', 'data.key', 'index.key'])
    t.equal((await stat(join(folder, name))).mode & 0o777, 0o400, name)
})

t.test('a kiosk without a name makes one from its key', async t => {
  const folder = join(t.testdir(), 'kiosk')
  const { desk, url } = await centre.serve(t)
  const kiosk = start(t, await centre.newSite(desk, url), folder)
  await kiosk.reaches('pending')
  await approveAll(desk)
  await kiosk.claimed
  const code = kiosk.views[0].code.replaceAll('-', '').toLowerCase()
  t.equal((await openKioskKeys(folder)).name, `kiosk-${code.slice(0, 8)}`)
})

t.test('what is refused is said, and may still be mended', async t => {
  const { desk, url } = await centre.serve(t)
  const folder = t.testdir()
  const unknown = await centre.newSite(desk, url)
  const wrong = { ...unknown, claim: { ...unknown.claim, token: 'A'.repeat(43) } }
  const stranger = start(t, wrong, join(folder, 'stranger'))
  await stranger.reaches('refused')
  t.equal(stranger.views.at(-1)?.problem, 'claims/unknown-token')

  const thief = start(t, unknown, join(folder, 'thief'))
  await thief.reaches('pending')
  const late = start(t, unknown, join(folder, 'late'))
  await late.reaches('refused')
  t.equal(late.views.at(-1)?.problem, 'claims/token-used')
  for await (const { id } of desk.claims()) await desk.reject(id, { by: 'budi' })
  await thief.reaches('refused')
  t.equal(thief.views.at(-1)?.problem, 'claims/rejected')
})

t.test('a service that answers with another certificate is not believed', async t => {
  const folder = join(t.testdir(), 'kiosk')
  const { desk, url } = await centre.serve(t, {
    certify: ({ name }) =>
      certifyKiosk(join(centre.keys, 'kiosk-ca'), { name, publicKey: newKey().publicKey }, clock),
  })
  const kiosk = start(t, await centre.newSite(desk, url, { kiosk: 'kiosk-0009' }), folder)
  await kiosk.reaches('pending')
  await approveAll(desk)
  await kiosk.reaches('refused')
  t.equal(kiosk.views.at(-1)?.problem, 'claims/bad-answer')
  t.same((await readdir(folder)).sort(), ['data.key', 'index.key', 'key.pem'], 'nothing of it is kept')
})

t.test('nor one that another root vouches for', async t => {
  const other = await claimCentre(t)
  const { desk, url } = await other.serve(t)
  const site = { ...(await other.newSite(desk, url)), root: centre.root }
  const kiosk = start(t, site, join(other.data, 'new'))
  await kiosk.reaches('unreachable')
  for await (const claim of desk.claims()) t.fail('it was told nothing', claim)
  t.notMatch(JSON.stringify(kiosk.views), site.claim.token, 'and the screen shows no token')
})
