/**
 * How submissions and receipts travel on a USB stick:
 *
 *     DIR/<kiosk>/<sequence>-<id>.submission   the sealed bytes, as they are published
 *     DIR/<kiosk>/<sequence>-<id>.receipt      the ABIS's receipt for it, as it is published
 */
import { mkdir, open, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { KioskError } from '../../base/errors.ts'

export const RECEIPT_SUFFIX = '.receipt'
const SUBMISSION_SUFFIX = '.submission'
const SEQUENCE_DIGITS = 10

/** Whole or not there, and on the stick when it resolves. Returns the path. Rejects with `io/unwritable`. */
export async function writeSubmission(
  folder: string,
  kiosk: string,
  { sequence, id, body }: { sequence: number; id: string; body: Uint8Array },
): Promise<string> {
  const name = `${String(sequence).padStart(SEQUENCE_DIGITS, '0')}-${id}${SUBMISSION_SUFFIX}`
  const path = join(folder, kiosk, name)
  try {
    await mkdir(join(folder, kiosk), { recursive: true })
    const file = await open(`${path}.part`, 'w')
    try {
      await file.writeFile(body)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.part`, path)
    return path
  } catch (error) {
    throw new KioskError('io/unwritable', { file: path }, { cause: error })
  }
}

/** Every receipt below `folder`, by name. Rejects with `io/unreadable`. */
export async function receiptFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder, { recursive: true })
    return names
      .filter(name => name.endsWith(RECEIPT_SUFFIX))
      .sort()
      .map(name => join(folder, name))
  } catch (error) {
    throw new KioskError('io/unreadable', { file: folder }, { cause: error })
  }
}
