/**
 * Fillers by seed, kept outside the tree: `${XDG_CACHE_HOME:-~/.cache}/tunggal/fillers/<digest>-<first seed>`, a
 * thousand a file, each its length (u32) and its bytes. The digest is of the real fingers and of how fillers are made.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { packTemplate, unpackTemplate } from '../../src/finger/template/at-rest.ts'
import type { Template } from '../../src/finger/template/template.ts'
import { filler } from './fillers.ts'

const A_FILE = 1000

export class FillerCache {
  private readonly prefix: string
  private first = -1
  private loaded: Template[] = []

  constructor(private readonly real: readonly Template[]) {
    const digest = createHash('sha256').update(readFileSync(join(import.meta.dirname, 'fillers.ts')))
    for (const template of real) digest.update(packTemplate(template))
    const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tunggal/fillers')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.prefix = join(folder, digest.digest('hex').slice(0, 16))
  }

  /** The filler of this seed; soonest in their order. */
  at(seed: number): Template {
    const first = seed - (seed % A_FILE)
    if (first !== this.first) this.loaded = this.load(first)
    this.first = first
    return this.loaded[seed - first]
  }

  private load(first: number): Template[] {
    const path = `${this.prefix}-${first}`
    if (!existsSync(path)) {
      const made = Array.from({ length: A_FILE }, (_, k) => packTemplate(filler(this.real, first + k)))
      const parts = made.flatMap(bytes => [new Uint8Array(Uint32Array.of(bytes.length).buffer), bytes])
      writeFileSync(`${path}.new`, Buffer.concat(parts), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    }
    const file = readFileSync(path)
    const templates: Template[] = []
    for (let at = 0; at < file.length; ) {
      const end = at + 4 + file.readUInt32LE(at)
      templates.push(unpackTemplate(file.subarray(at + 4, end)))
      at = end
    }
    return templates
  }
}
