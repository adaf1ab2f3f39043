import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import { desiredUpdateSchema, type WantedImage } from '../../settings/update-desired.ts'
import type { Command } from '../command.ts'
import { readInput } from '../files.ts'
import { kiosksNamed } from './open-fleet.ts'
import { planOf, planOptions } from './roll-out-options.ts'
import { showRollOut } from './rollout/follow.ts'
import { bookOptions, printRollOut } from './rollout/open-book.ts'

const LABEL_BYTES_MAX = 4096

const options = z.strictObject({
  ...bookOptions,
  url: desiredUpdateSchema.shape.url.meta({
    doc: 'Where kiosks fetch the bundle: http or https, from any server that knows ranges.',
    value: 'URL',
  }),
  // Kiosks wait for their window, and for a line that is quick enough.
  ...planOptions(2 * 86_400),
})

/** What `tunggal update make` says of a bundle, as far as kiosks are told. */
const { image, compatible, bytes, sha256, expiresAt } = desiredUpdateSchema.shape
const labelSchema = z.object({ version: image, compatible, bytes, sha256, expiresAt })

export const fleetUpdatePush: Command<typeof options> = {
  name: 'fleet update push',
  summary: 'Propose an image for many kiosks; approved by another person: 0 once all have kept it, else 1',
  args: [{ name: 'BUNDLE', doc: 'As tunggal update make made it; BUNDLE.json lies beside it.' }],
  options,
  async run() {
    throw new KioskError('fleet/not-served', { remedy: 'start tunggal fleet serve on the same --data' })
  },
  async inFleet(context, { rollOuts, view }, { by, url, ...plan }, [file]) {
    kiosksNamed(view, plan.to)
    const image = { ...(await labelled(context.resolve(file))), url }
    const { id } = await rollOuts.propose({ image }, planOf(plan), by)
    await printRollOut(context, rollOuts, rollOuts.get(id))
    context.print(`It begins once somebody else says: tunggal fleet rollout approve ${id}`)
    context.print(`Ctrl-C ends this report, not the roll-out; tunggal fleet rollout show ${id} --follow`)
    return await showRollOut(context, rollOuts, id, { follow: true, view })
  },
}

/** Rejects with `io/unreadable`, and with `update/other-hash` where the bundle is not the one that the label is of. */
async function labelled(bundle: string): Promise<Omit<WantedImage, 'url'>> {
  const bytes = await readInput(`${bundle}.json`, LABEL_BYTES_MAX)
  const label = labelSchema.safeParse(jsonIn(bytes))
  if (!label.success) throw new KioskError('update/unreadable', { file: `${bundle}.json` })
  const hash = createHash('sha256')
  await pipeline(createReadStream(bundle), hash).catch(cause => {
    throw new KioskError('io/unreadable', { file: bundle, code: cause.code }, { cause })
  })
  if (hash.digest('hex') !== label.data.sha256) throw new KioskError('update/other-hash', { file: bundle })
  const { version: image, ...rest } = label.data
  return { image, ...rest }
}

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}
