import { rename, rm, stat } from 'node:fs/promises'
import { z } from 'zod'
import { writeBackup } from '../../abis/backup.ts'
import { KioskError } from '../../base/errors.ts'
import { openAbisKeys } from '../../keys/file-key-store.ts'
import { keyFolder } from '../../keys/layout.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { abisOptions } from './abis-options.ts'
import { openAbisKv } from './open-abis.ts'

const options = z.strictObject({ data: abisOptions.data })

export const abisBackup: Command<typeof options> = {
  name: 'abis backup',
  summary: 'Write everything the ABIS keeps to a file, sealed under its data key; 1 if any entry is damaged',
  options,
  args: [
    { name: 'FILE', doc: 'A new file. Worth nothing without the folder keys/abis: keep that elsewhere.' },
  ],
  async run({ print, failed }, { data }, [file]) {
    const isThere = await stat(file).then(
      () => true,
      () => false,
    )
    if (isThere) throw new KioskError('io/unwritable', { file, why: 'it is there already' })
    const { dataKey } = await openAbisKeys(keyFolder(data, 'abis'))
    const kv = await openAbisKv(data)
    let damaged = 0
    const onDamage = (key: string | undefined) => {
      damaged++
      failed(new KioskError('kv/corrupt', key === undefined ? {} : { key }))
    }
    try {
      // What was left of a try that was cut short.
      await rm(`${file}.part`, { force: true })
      const entries = await writeBackup(kv, { file: `${file}.part`, dataKey, onDamage })
      await rename(`${file}.part`, file)
      print({ file, entries, damaged }, `${entries} entries in ${file}`)
    } finally {
      await kv.close()
    }
    return damaged > 0 ? EXIT.no : EXIT.ok
  },
}
