/**
 * Sets of fingerprint images on disk: `DIR/<set>/<finger>_<impression>.png`. Other folders and files
 * are ignored.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { decodeImage } from '../../src/finger/image/decode.ts'
import type { Frame } from '../../src/finger/image/frame.ts'

export interface SetImage {
  readonly set: string
  readonly finger: string
  /** What follows the last underscore. */
  readonly impression: string
  readonly path: string
}

const IMAGE_NAME = /^(.+)_([^_]+)\.png$/
const resolutionsSchema = z.record(z.string(), z.object({ dpi: z.number().min(50).max(5000) }))

/** The images of every set under `folder` (or of the `only` named), by set, finger, impression. */
export function listSets(folder: string, only?: readonly string[]): Map<string, SetImage[]> {
  const sets = new Map<string, SetImage[]>()
  const names = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory())
  for (const { name: set } of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (only !== undefined && !only.includes(set)) continue
    const images: SetImage[] = []
    for (const file of readdirSync(join(folder, set)).sort()) {
      const match = IMAGE_NAME.exec(file)
      if (match === null) continue
      images.push({ set, finger: match[1], impression: match[2], path: join(folder, set, file) })
    }
    if (images.length > 0) sets.set(set, images)
  }
  return sets
}

/** `fvc2002_db1_b` → `fvc2002_*`; undefined for a set that is of no year's competition. */
export function yearOf(set: string): string | undefined {
  return /^fvc\d{4}(?=_)/.exec(set)?.[0].concat('_*')
}

/**
 * Whether two images show one finger. FVC2000's DB1 and DB2 were taken from the same fingers, numbered
 * alike.
 */
export function isSameFinger(a: SetImage, b: SetImage): boolean {
  return a.finger === b.finger && subjectsOf(a.set) === subjectsOf(b.set)
}

function subjectsOf(set: string): string {
  return set.replace(/^fvc2000_db[12]/, 'fvc2000_db1+2')
}

/** Decodes with the resolution that the image names, else `sets.json`, else 500 dpi. */
export class ImageReader {
  private readonly resolutions: z.infer<typeof resolutionsSchema>

  constructor(folder: string) {
    const path = join(folder, 'sets.json')
    this.resolutions = existsSync(path) ? resolutionsSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : {}
  }

  read(image: SetImage): Frame {
    const bytes = readFileSync(image.path)
    const dpi = this.resolutions[image.set]?.dpi
    // A PNG names its resolution in a pHYs chunk or not at all.
    return decodeImage(bytes, dpi === undefined || bytes.includes('pHYs') ? {} : { dpi })
  }
}
