import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import { nextUpdateVersion, stagesOf } from '../../fleet/roll-out.ts'
import { updateWish } from '../../fleet/wish.ts'
import { desiredUpdateSchema } from '../../settings/update-desired.ts'
import { readInput } from '../files.ts'
import { followPush } from './follow-push.ts'
import { fleetCommand, fleetOptions, kiosksNamed } from './open-fleet.ts'
import { canaryOption, failuresMaxOption, toOption } from './roll-out-options.ts'

const LABEL_BYTES_MAX = 4096

const options = z.strictObject({
  ...fleetOptions,
  to: toOption,
  url: desiredUpdateSchema.shape.url.meta({
    doc: 'Where kiosks fetch the bundle: http or https, from any server that knows ranges.',
    value: 'URL',
  }),
  canary: canaryOption('100%'),
  failuresMax: failuresMaxOption,
  wait: z.coerce
    .number()
    .min(0)
    .max(30 * 86_400)
    .default(2 * 86_400)
    .meta({
      doc: 'How long a stage may take: kiosks wait for their window. After that who has said nothing counts as failed.',
      value: 'SECONDS',
    }),
})

/** What `tunggal update make` says of a bundle, as far as kiosks are told. */
const { image, compatible, bytes, sha256, expiresAt } = desiredUpdateSchema.shape
const labelSchema = z.object({ version: image, compatible, bytes, sha256, expiresAt })

export const fleetUpdatePush = fleetCommand({
  name: 'fleet update push',
  summary: 'Let kiosks take an image, a few first: 0 once all of them have kept it, 1 if any has not',
  args: [{ name: 'BUNDLE', doc: 'As tunggal update make made it; BUNDLE.json lies beside it.' }],
  options,
  async work(context, { view, ...parts }, { to, url, canary, failuresMax, wait }, [file]) {
    const { version: image, ...bundle } = await labelOf(context.resolve(file))
    const kiosks = kiosksNamed(view, to)
    const wish = updateWish({ version: nextUpdateVersion(kiosks), image, url, ...bundle })
    const stages = stagesOf(kiosks, Number.parseInt(canary, 10))
    const waitMs = Math.round(wait * 1000)
    const errorsOf = (seen: (typeof kiosks)[number] | undefined) => seen?.update?.reported?.errors ?? []
    return await followPush(context, { ...parts, view }, { wish, stages, failuresMax, waitMs, errorsOf })
  },
})

/** Rejects with `io/unreadable`, and with `update/other-hash` where the bundle is not the one that the label is of. */
async function labelOf(bundle: string): Promise<z.infer<typeof labelSchema>> {
  const bytes = await readInput(`${bundle}.json`, LABEL_BYTES_MAX)
  const label = labelSchema.safeParse(jsonIn(bytes))
  if (!label.success) throw new KioskError('update/unreadable', { file: `${bundle}.json` })
  const hash = createHash('sha256')
  await pipeline(createReadStream(bundle), hash).catch(cause => {
    throw new KioskError('io/unreadable', { file: bundle, code: cause.code }, { cause })
  })
  if (hash.digest('hex') !== label.data.sha256) throw new KioskError('update/other-hash', { file: bundle })
  return label.data
}

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}
