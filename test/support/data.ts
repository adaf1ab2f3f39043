/**
 * Real fingerprint images, for the tests that need them. They stand outside the repository (nobody may
 * redistribute them): in `TUNGGAL_DATA`, else in `../shared/data`.
 */
import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'

const root = join(import.meta.dirname, '../..')

/** The folder of sets; undefined where there is none. */
export const dataFolder: string | undefined = [process.env.TUNGGAL_DATA, join(root, '../shared/data')].find(
  folder => folder !== undefined && existsSync(folder),
)

/**
 * A test on real images. Without images it fails where `CI=true`; elsewhere it is counted as not run,
 * and `scripts/test` says so in one loud line.
 */
export function dataTest(name: string, body: (t: Test, data: string) => Promise<void>): void {
  if (dataFolder !== undefined) {
    const data = dataFolder
    t.test(name, t => body(t, data))
    return
  }
  if (process.env.CI === 'true') {
    t.fail(`${name}: there are no images: set TUNGGAL_DATA`)
    return
  }
  const list = process.env.TUNGGAL_DATA_TESTS_NOT_RUN
  if (list === undefined) console.error('1 data tests not run: set TUNGGAL_DATA')
  else appendFileSync(list, `${name}\n`)
  t.pass('no images here')
}
