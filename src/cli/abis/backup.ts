import { rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { writeBackup } from '../../abis/backup.ts'
import { KioskError } from '../../base/errors.ts'
import { EXIT } from '../exit-code.ts'
import { syncFolder } from '../files.ts'
import { abisOptions } from './abis-options.ts'
import { centreCommand } from './centre.ts'

const options = z.strictObject({ data: abisOptions.data })

/** Also while it is served: a walk through the database sees it as it was when the walk began. */
export const abisBackup = centreCommand<typeof options>({
  name: 'abis backup',
  summary: 'Write everything the ABIS keeps to a file, sealed under its data key; 1 if any entry is damaged',
  options,
  args: [
    { name: 'FILE', doc: 'A new file. Worth nothing without the folder keys/abis: keep that elsewhere.' },
  ],
  async work({ print, failed, resolve }, { kv, dataKey, spool }, _, [name]) {
    const file = resolve(name)
    const isThere = await stat(file).then(
      () => true,
      () => false,
    )
    if (isThere) throw new KioskError('io/unwritable', { file, why: 'it is there already' })
    let damaged = 0
    const onDamage = (key: string | undefined) => {
      damaged++
      failed(new KioskError('kv/corrupt', key === undefined ? {} : { key }))
    }
    // What was left of a try that was cut short.
    await rm(`${file}.part`, { force: true })
    const files = spool.files()
    const entries = await writeBackup(kv, { file: `${file}.part`, dataKey, files, onDamage })
    await rename(`${file}.part`, file)
    await syncFolder(dirname(file))
    print({ file, entries, damaged }, `${entries} entries in ${file}`)
    return damaged > 0 ? EXIT.no : EXIT.ok
  },
})
