/**
 * How submissions and receipts travel on a USB stick:
 *
 *     DIR/<kiosk>/<sequence>-<id>.submission   the sealed bytes, as they are published
 *     DIR/<kiosk>/<sequence>-<id>.receipt      the ABIS's receipt for it, as it is published
 */
import { mkdir, open, readdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { KioskError } from '../../base/errors.ts'

const RECEIPT_SUFFIX = '.receipt'
const SUBMISSION_SUFFIX = '.submission'
const SEQUENCE_DIGITS = 10

/** Returns the path. Rejects with `io/unwritable`. */
export async function writeSubmission(
  folder: string,
  kiosk: string,
  { sequence, id, body }: { sequence: number; id: string; body: Uint8Array },
): Promise<string> {
  const name = `${String(sequence).padStart(SEQUENCE_DIGITS, '0')}-${id}${SUBMISSION_SUFFIX}`
  const path = join(folder, kiosk, name)
  await writeWhole(path, body)
  return path
}

/** The receipt beside its submission. Returns the path. Rejects with `io/unwritable`. */
export async function writeReceipt(submission: string, body: Uint8Array): Promise<string> {
  const path = `${submission.slice(0, -SUBMISSION_SUFFIX.length)}${RECEIPT_SUFFIX}`
  await writeWhole(path, body)
  return path
}

/** Every receipt below `folder`, by name. Rejects with `io/unreadable`. */
export function receiptFiles(folder: string): Promise<string[]> {
  return filesBelow(folder, RECEIPT_SUFFIX)
}

/** Every submission below `folder` and the kiosk that its folder is named after, by name. Rejects with `io/unreadable`. */
export async function submissionFiles(folder: string): Promise<{ file: string; kiosk: string }[]> {
  const files = await filesBelow(folder, SUBMISSION_SUFFIX)
  return files.map(file => ({ file, kiosk: basename(dirname(file)) }))
}

async function filesBelow(folder: string, suffix: string): Promise<string[]> {
  try {
    const names = await readdir(folder, { recursive: true })
    return names
      .filter(name => name.endsWith(suffix))
      .sort()
      .map(name => join(folder, name))
  } catch (error) {
    throw new KioskError('io/unreadable', { file: folder }, { cause: error })
  }
}

/** Whole or not there, and on the stick when it resolves. Rejects with `io/unwritable`. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(`${path}.part`, 'w')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.part`, path)
  } catch (error) {
    throw new KioskError('io/unwritable', { file: path }, { cause: error })
  }
}
