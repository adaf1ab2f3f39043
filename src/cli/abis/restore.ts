import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { z } from 'zod'
import { noteRestored, readBackup, verifyBackup } from '../../abis/backup.ts'
import { PrintSpool } from '../../abis/print-spool.ts'
import { systemClock } from '../../base/clock.ts'
import { openAbisKeys } from '../../keys/file-key-store.ts'
import { keyFolder } from '../../keys/layout.ts'
import { openLevelKv } from '../../kv/level.ts'
import { sealedValues } from '../../kv/sealed.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { syncFolder } from '../files.ts'
import { abisOptions } from './abis-options.ts'
import { abisFolder, openAbisKv, printFolder, restoringFolder } from './open-abis.ts'

const options = z.strictObject({ data: abisOptions.data })

export const abisRestore: Command<typeof options> = {
  name: 'abis restore',
  summary: 'Put a backup in the place of what the ABIS keeps; what was there is moved aside, not deleted',
  options,
  args: [{ name: 'FILE', doc: 'What `tunggal abis backup` wrote, under the same data key.' }],
  async run({ print }, { data }, [file]) {
    const { dataKey } = await openAbisKeys(keyFolder(data, 'abis'))
    const entries = await verifyBackup(file, dataKey)
    const folder = abisFolder(data)
    const restoring = restoringFolder(data)
    await rm(restoring, { recursive: true, force: true })
    // Opened and closed: nobody may be serving it.
    await (await openAbisKv(data)).close()
    const isEmpty = (await readdir(folder)).length === 0
    const prints = printFolder(data)
    const restoringPrints = `${prints}.restoring`
    await rm(restoringPrints, { recursive: true, force: true })
    await mkdir(restoringPrints, { mode: 0o700 })
    const spool = new PrintSpool(restoringPrints)
    const kv = await openLevelKv(restoring)
    try {
      await readBackup(file, kv, backedUp => spool.putFile(backedUp))
      await noteRestored(sealedValues(kv, dataKey), systemClock.nowMs())
    } finally {
      await kv.close()
    }
    const suffix = `before-${systemClock.nowMs()}`
    const before = `${folder}.${suffix}`
    await rename(folder, before)
    await rename(restoring, folder)
    // Last: a job from before that is sent once more does no harm.
    await rename(prints, `${prints}.${suffix}`).catch(ifThere)
    await rename(restoringPrints, prints)
    await syncFolder(data)
    print(
      { file, entries, ...(isEmpty ? {} : { before }) },
      `${entries} entries are back; what was here before is in ${before}`,
    )
    return EXIT.ok
  },
}

function ifThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
