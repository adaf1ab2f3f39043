import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import { keyFolderInfo } from '../../keys/key-folder-info.ts'
import { keyFolder } from '../../keys/layout.ts'
import { storeFolder } from '../../kiosk.ts'
import type { Kv } from '../../kv/kv.ts'
import { openLevelKv } from '../../kv/level.ts'
import { openCopy, openSalvagedCopy } from '../../kv/salvage.ts'
import { heldBodies } from '../../store/held-bodies.ts'
import type { Context } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type Exchanged, writeExchanged } from './exchange-files.ts'
import { storeCommand, storeOptions } from './open-store.ts'

const PEEK_ENTRIES = 16
/** How often what was peeked may have changed before it is marked. */
const CHANGES_MAX = 1_000

const options = z.strictObject({
  ...storeOptions,
  from: z
    .string()
    .min(1)
    .optional()
    .meta({ doc: "Data folder of a dead kiosk's card: no key of it is needed.", value: 'DATA' }),
})

const fromHere = storeCommand<typeof options>({
  name: 'outbox export',
  summary:
    'Write the submissions and events that wait to files, for a site without a network; 1 if any is damaged',
  options,
  args: [{ name: 'DIR', doc: 'Where to; a folder named after the kiosk is made in it.' }],
  async work(context, { name, store: { outbox, events } }, { from }, [folder]) {
    const target = context.resolve(folder)
    if (from !== undefined) return await drain(context, context.resolve(from), target)
    let after = 0
    let changesLeft = CHANGES_MAX
    for (;;) {
      const entries = await outbox.peek(PEEK_ENTRIES, after)
      if (entries.length === 0) break
      // From here on the ABIS may come to hold it by another way than the broker.
      try {
        await outbox.markPublished(entries.map(({ id }) => id))
      } catch (error) {
        // One was receipted or replaced meanwhile: a look at what is there now.
        const isGone = error instanceof KioskError && error.code === 'store/unknown-record'
        if (isGone && changesLeft-- > 0) continue
        throw error
      }
      for (const { sequence, id, body } of entries) {
        await write(context, target, name, { kind: 'submission', number: sequence, id, body })
        after = sequence
      }
    }
    for await (const event of events.all()) await write(context, target, name, { kind: 'event', ...event })
    return EXIT.ok
  },
})

export const outboxExport: typeof fromHere = {
  ...fromHere,
  // The card of another kiosk needs nothing of this one: not even that there is one.
  run: (context, options, args) =>
    options.from === undefined
      ? fromHere.run(context, options, args)
      : drain(context, context.resolve(options.from), context.resolve(args[0])),
}

/** Everything whole that the database of a dead kiosk holds, even where it no longer opens. */
async function drain(context: Context, data: string, folder: string): Promise<ExitCode> {
  const { name } = await keyFolderInfo(keyFolder(data, 'kiosk'))
  const scratch = await mkdtemp(join(tmpdir(), 'tunggal-salvage-'))
  let damaged = 0
  try {
    const kv = await openDead(context, storeFolder(data), join(scratch, 'store'))
    try {
      const onDamage = (entry: { number: number; id: string } | undefined) => {
        damaged++
        context.failed(new KioskError('kv/corrupt', { ...entry }))
      }
      for await (const entry of heldBodies(kv, onDamage)) await write(context, folder, name, entry)
    } finally {
      await kv.close()
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
  return damaged > 0 ? EXIT.no : EXIT.ok
}

async function openDead(context: Context, folder: string, scratch: string): Promise<Kv> {
  await stat(folder).catch(error => {
    throw new KioskError(
      'io/unreadable',
      { file: folder, why: 'no kiosk has kept anything here' },
      { cause: error },
    )
  })
  let opened = await openLevelKv(folder).catch(kioskError)
  // A card that is read-only, as it should be.
  if (opened instanceof KioskError && opened.code === 'kv/io')
    opened = await openCopy(folder, scratch).catch(kioskError)
  if (!(opened instanceof KioskError)) return opened
  if (opened.code !== 'kv/corrupt') throw opened
  context.print('the database does not open: trying a repaired copy (the ABIS drops what comes twice)')
  return await openSalvagedCopy(folder, scratch)
}

function kioskError(error: unknown): KioskError {
  if (error instanceof KioskError) return error
  throw error
}

async function write(context: Context, folder: string, kiosk: string, exchanged: Exchanged): Promise<void> {
  const file = await writeExchanged(folder, kiosk, exchanged)
  const { kind, number, id } = exchanged
  context.print(kind === 'event' ? { event: number, id, file } : { sequence: number, id, file }, file)
}
