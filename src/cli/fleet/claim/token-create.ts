import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { KioskError } from '../../../base/errors.ts'
import type { ClaimDesk } from '../../../fleet/claims/claim-desk.ts'
import { type Site, siteSchema } from '../../../keys/claim/site.ts'
import { readKeyFile } from '../../../keys/key-file.ts'
import { file, keyFolder } from '../../../keys/layout.ts'
import { EXIT } from '../../exit-code.ts'
import { badOption } from '../../options.ts'
import { byOption, claimOptions, deskCommand } from './open-desk.ts'

const HOUR_MS = 3_600_000

const options = z.strictObject({
  ...claimOptions,
  ...byOption,
  url: siteSchema.shape.claim.shape.url.meta({
    doc: 'Where kiosks reach tunggal fleet claim serve.',
    value: 'https://HOST:PORT',
  }),
  kiosk: siteSchema.shape.kiosk.meta({
    doc: "The kiosk's name. Left out, it makes one from its key.",
    value: 'NAME',
  }),
  site: siteSchema.shape.site.meta({ doc: 'Where it stands, as printed on the receipt.', value: 'TEXT' }),
  province: siteSchema.shape.province.meta({ doc: 'Two-digit region code.', value: 'NN' }),
  broker: siteSchema.shape.broker.meta({ doc: 'The MQTT broker that it is to use.', value: 'URL' }),
  hours: z.coerce
    .number()
    .min(0.01)
    .max(30 * 24)
    .default(7 * 24)
    .meta({ doc: 'How long it may be used.', value: 'N' }),
  out: z.string().optional().meta({
    short: 'o',
    doc: 'Write site.json for the card here; the token is then not printed.',
    value: 'FILE',
  }),
})

export const fleetClaimTokenCreate = deskCommand({
  name: 'fleet claim token create',
  summary: 'Leave for one kiosk to ask for a certificate, once: what tunggal flash puts on its card',
  options,
  async work(context, desk, { data, out, ...wanted }) {
    const { id, site } = await newSite(desk, data, wanted)
    const { expiresAt } = site.claim
    if (out === undefined) {
      context.print({ id, expiresAt, ...site }, JSON.stringify(site, undefined, 2))
      return EXIT.ok
    }
    const path = context.resolve(out)
    await writeFile(path, `${JSON.stringify(site, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' }).catch(
      cause => {
        throw cause.code === 'EEXIST'
          ? badOption(`${path} is there already`)
          : new KioskError('io/unwritable', { file: path, code: cause.code }, { cause })
      },
    )
    context.print({ id, expiresAt, file: path }, `${path}: for one kiosk, until ${expiresAt}`)
    return EXIT.ok
  },
})

async function newSite(
  desk: ClaimDesk,
  data: string,
  wanted: { url: string; hours: number; by: string } & Pick<Site, 'kiosk' | 'site' | 'province' | 'broker'>,
): Promise<{ id: string; site: Site }> {
  const { url, hours, by, kiosk, ...identity } = wanted
  const root = (await readKeyFile(join(keyFolder(data, 'kiosk-ca'), file.root), { secret: false })).toString()
  const made = await desk.createToken({ kiosk, identity, validMs: Math.round(hours * HOUR_MS), by })
  const claim = { url, token: made.token, expiresAt: made.expiresAt }
  return { id: made.id, site: { kiosk, ...identity, root, claim } }
}
