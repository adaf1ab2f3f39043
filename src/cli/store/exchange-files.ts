/**
 * How submissions, events and receipts travel on a USB stick, each as it is published:
 *
 *     DIR/<kiosk>/<sequence>-<id>.submission      a submission
 *     DIR/<kiosk>/<sequence>-<id>.receipt         the ABIS's receipt for it
 *     DIR/<kiosk>/event-<number>-<id>.event       what happened to record <id>
 *     DIR/<kiosk>/event-<number>-<id>.receipt     the ABIS's receipt for it
 */
import { mkdir, open, readdir, rename } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { KioskError } from '../../base/errors.ts'
import { syncFolder } from '../files.ts'

const RECEIPT_SUFFIX = '.receipt'
const SUFFIXES = { submission: '.submission', event: '.event' } as const
const NUMBER_DIGITS = 10
const ID_AT_END = /-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

export type ExchangeKind = keyof typeof SUFFIXES

/** What a kiosk has to bring to the ABIS; an event has a number of its own. */
export interface Exchanged {
  readonly kind: ExchangeKind
  readonly number: number
  readonly id: string
  readonly body: Uint8Array
}

/** A file of a stick, and the kiosk that its folder is named after. */
export interface ExchangeFile {
  readonly file: string
  readonly kiosk: string
  /** Of the record, as the name says; undefined where it says none. */
  readonly id: string | undefined
}

/** Returns the path. Rejects with `io/unwritable`. */
export async function writeExchanged(
  folder: string,
  kiosk: string,
  { kind, number, id, body }: Exchanged,
): Promise<string> {
  const prefix = kind === 'event' ? 'event-' : ''
  const name = `${prefix}${String(number).padStart(NUMBER_DIGITS, '0')}-${id}${SUFFIXES[kind]}`
  const path = join(folder, kiosk, name)
  await writeWhole(path, body)
  return path
}

/** The receipt beside what it is for. Returns the path. Rejects with `io/unwritable`. */
export async function writeReceipt(file: string, body: Uint8Array): Promise<string> {
  const path = `${file.slice(0, -extname(file).length)}${RECEIPT_SUFFIX}`
  await writeWhole(path, body)
  return path
}

/** Every receipt below `folder`, by name. Rejects with `io/unreadable`. */
export function receiptFiles(folder: string): Promise<string[]> {
  return filesBelow(folder, RECEIPT_SUFFIX)
}

/** Every file of this kind below `folder`, by name. Rejects with `io/unreadable`. */
export async function exchangeFiles(folder: string, kind: ExchangeKind): Promise<ExchangeFile[]> {
  const files = await filesBelow(folder, SUFFIXES[kind])
  return files.map(file => ({
    file,
    kiosk: basename(dirname(file)),
    id: ID_AT_END.exec(basename(file, SUFFIXES[kind]))?.[1],
  }))
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
    const folder = dirname(path)
    const made = await mkdir(folder, { recursive: true })
    const file = await open(`${path}.part`, 'w')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.part`, path)
    await syncFolder(folder)
    if (made !== undefined) await syncFolder(dirname(folder))
  } catch (error) {
    throw new KioskError('io/unwritable', { file: path }, { cause: error })
  }
}
