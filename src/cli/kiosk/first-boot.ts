import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import encodeQR from 'qr'
import { systemClock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { serviceManager } from '../../health/service-manager.ts'
import { isCertified } from '../../keys/claim/identity.ts'
import { parseSite, SITE_BYTES_MAX } from '../../keys/claim/site.ts'
import { isThere } from '../../keys/key-file.ts'
import { keyFolder } from '../../keys/layout.ts'
import { claimCertificate } from '../../kiosk/first-boot.ts'
import type { ClaimView } from '../../ui/claim-view.ts'
import { serveClaimPage } from '../../ui/serve-claim-page.ts'
import { claimSentence, claimTexts } from '../../ui/texts/claim.ts'
import type { Context } from '../command.ts'
import { readInput } from '../files.ts'
import { type KioskOptions, readOwnSettings } from './kiosk-options.ts'

/** What `tunggal flash` calls it, beside the settings. */
const SITE_FILE = 'site.json'

export interface FirstBootOptions extends KioskOptions {
  readonly site?: string
}

/**
 * A kiosk without a certificate claims one, with what its card says, before it is anything else. Where it has one, or
 * no card says how to get one, nothing is done. Rejects with `config/bad-value`, `io/unreadable`, `keys/unreadable`.
 */
export async function firstBoot(context: Context, options: FirstBootOptions, log: Log): Promise<void> {
  const folder = keyFolder(options.data, 'kiosk')
  if (await isCertified(folder)) return
  const file = await siteFile(options)
  if (file === undefined) return
  const site = parseSite(await readInput(file, SITE_BYTES_MAX))
  const { ui } = await readOwnSettings(options)
  let view: ClaimView | undefined
  const onView = (next: ClaimView) => {
    if (view === undefined || view.state !== next.state || view.problem !== next.problem) say(context, next)
    view = next
  }
  const { signal } = context
  const clock = systemClock
  const ends: (() => unknown)[] = []
  try {
    const claimed = claimCertificate({ site, folder, clock, log, random, signal, onView })
    // Whatever becomes of it is heard below, after the page is there.
    claimed.catch(() => {})
    const page = await serveClaimPage({ port: ui.port, view: () => view })
    ends.push(() => page.close())
    // To systemd a kiosk that waits for a person is up and well.
    const manager = serviceManager(process.env)
    ends.push(manager.watch(async () => true))
    await manager.ready()
    context.print(`The page of the claim is on ${page.url}`)
    await claimed
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

async function siteFile({ site, config }: FirstBootOptions): Promise<string | undefined> {
  if (site !== undefined) return site
  const beside = config && join(dirname(config), SITE_FILE)
  return beside !== undefined && (await isThere(beside)) ? beside : undefined
}

function say({ print, isTerminal }: Context, view: ClaimView): void {
  const { kiosk, code, state, problem, qr } = view
  const { id, en } = claimTexts
  const picture = isTerminal && state === 'asking' ? `${encodeQR(qr, 'ascii')}\n` : ''
  const text = `${picture}${kiosk}  ${code}  ${claimSentence(id, view)} / ${claimSentence(en, view)}`
  print({ kiosk, code, state, ...(problem !== undefined && { problem }) }, text)
}

function random(): number {
  return randomBytes(6).readUIntBE(0, 6) / 2 ** 48
}
