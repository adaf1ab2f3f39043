/**
 * Goal: a kiosk's certificate never comes to its end by itself: it is renewed in good time, for the same key, without a
 * person and without a visit that is broken off; what cannot be renewed is tried again and harms nothing.
 * Method: the real service and real keys on a clock that the test moves through a year.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { silentLog } from '../../src/base/log.ts'
import { openKioskKeys } from '../../src/keys/file-key-store.ts'
import { keyFolderInfo } from '../../src/keys/key-folder-info.ts'
import { file } from '../../src/keys/layout.ts'
import { issueKiosk } from '../../src/keys/make-keys.ts'
import { restartWhenIdle } from '../../src/kiosk/configurable.ts'
import { keepRenewed } from '../../src/kiosk/renewal.ts'
import { defaultSettings } from '../../src/settings/settings.ts'
import { claimCentre } from '../support/claim-centre.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { until } from '../support/until.ts'

t.setTimeout(120_000)
const DAY_MS = 86_400_000

/** A kiosk that claimed its certificate `daysAgo`; TLS judges by the real clock, so that is what `now` begins with. */
async function claimedKiosk(t: Test, daysAgo: number) {
  const centre = await claimCentre(t)
  const served = await centre.serve(t)
  const folder = join(centre.keys, 'kiosk-0007')
  const then = new ManualClock(Date.now() - daysAgo * DAY_MS)
  await issueKiosk(join(centre.keys, 'kiosk-ca'), { name: 'kiosk-0007', out: folder, clock: then })
  await writeFile(join(folder, file.identity), JSON.stringify({ name: 'kiosk-0007', claimUrl: served.url }))
  const clock = new ManualClock(Date.now())
  let renewed = 0
  const stop = keepRenewed({
    folder,
    clock,
    log: silentLog,
    random: () => 0.5,
    onRenewed: () => renewed++,
  })
  t.teardown(stop)
  await until(() => clock.sleeping === 1)
  return { ...served, folder, clock, renewals: () => renewed }
}

t.test('a certificate in its last third is renewed', async t => {
  const { folder, clock, renewals, desk } = await claimedKiosk(t, 250)
  const before = await openKioskKeys(folder)
  await clock.advance(DAY_MS / 2)
  await until(() => renewals() === 1)
  const after = await openKioskKeys(folder)
  t.equal(after.name, before.name)
  t.not(after.certificate.serialNumber, before.certificate.serialNumber)
  t.same(
    after.certificate.publicKey.export({ format: 'jwk' }),
    before.certificate.publicKey.export({ format: 'jwk' }),
  )
  t.ok((await keyFolderInfo(folder)).validToMs > Date.now() + 364 * DAY_MS)
  const log: unknown[] = []
  for await (const { entry } of desk.auditLog()) log.push([entry.who, entry.what])
  t.same(log, [['kiosk-0007', 'renewed']])
  await until(() => clock.sleeping === 1)
  await clock.advance(3 * DAY_MS)
  t.equal(renewals(), 1, 'and then left alone')
})

t.test('a young one is left alone', async t => {
  const { folder, clock, renewals } = await claimedKiosk(t, 10)
  const before = await readFile(join(folder, file.certificate), 'utf8')
  await clock.advance(5 * DAY_MS)
  t.equal(renewals(), 0)
  t.equal(await readFile(join(folder, file.certificate), 'utf8'), before)
})

t.test('a centre that is away is tried again the next day', async t => {
  const { folder, clock, renewals, close } = await claimedKiosk(t, 300)
  const before = await readFile(join(folder, file.certificate), 'utf8')
  await close()
  for (let day = 0; day < 2; day++) {
    await clock.advance(DAY_MS)
    await until(() => clock.sleeping === 1)
  }
  t.equal(renewals(), 0)
  t.equal(await readFile(join(folder, file.certificate), 'utf8'), before)
})

t.test('the kiosk starts anew once nobody is at it', async t => {
  const listeners = new Set<() => void>()
  const used: string[] = []
  const kiosk = {
    isIdle: false,
    onIdle(listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    use: async (_: unknown, effect: string) => void used.push(effect),
  }
  restartWhenIdle(kiosk, () => defaultSettings)
  for (const listener of [...listeners]) listener()
  t.same(used, [], 'another one is at it already')
  kiosk.isIdle = true
  for (const listener of [...listeners]) listener()
  t.same(used, ['runtime'])
  t.equal(listeners.size, 0)
  restartWhenIdle(kiosk, () => defaultSettings)
  t.same(used, ['runtime', 'runtime'])
})
