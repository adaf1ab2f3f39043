import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The one bundle that a kiosk keeps, whole or in part (`download.ts`). */
export class BundleFile {
  readonly path: string
  private readonly all: readonly string[]

  constructor(folder: string) {
    this.path = join(folder, 'bundle.raucb')
    this.all = [this.path, `${this.path}.part`]
  }

  async drop(): Promise<void> {
    for (const file of this.all) await rm(file, { force: true })
  }

  /** Of the disk, however much of it is whole. */
  async bytes(): Promise<number> {
    const sizes = await Promise.all(
      this.all.map(file =>
        stat(file).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    )
    return sizes.reduce((sum, size) => sum + size, 0)
  }
}
