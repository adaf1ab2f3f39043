import { z } from 'zod'
import { keyFolderInfo } from '../../keys/key-folder-info.ts'
import type { Context } from '../command.ts'

/** Where the keys are: below the state folder. */
export const keyOptions = {
  data: z.string().min(1).meta({ doc: 'State folder; keys are in its folder keys.', value: 'DIR' }),
}

/** One line for a folder that was made or changed. */
export async function printFolder(
  context: Context,
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { name, serialNumber, validToMs } = await keyFolderInfo(folder)
  const validTo = new Date(validToMs).toISOString()
  context.print(
    { name, folder, serialNumber, validTo, ...more },
    `${name.padEnd(16)} until ${validTo.slice(0, 10)}  ${folder}`,
  )
}
