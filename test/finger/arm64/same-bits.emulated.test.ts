/**
 * Goal: a template or a score made on an arm64 board is, bit for bit, the one made on a server.
 * Method: one bundle, run by Node for this machine and by Node for arm64 in QEMU's user mode: templates, quality,
 * native measures, comparisons and a search, of synthetic fingers and of a set of real ones.
 */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { nodeArm64 } from '../../../firmware/image/node-arm64.ts'
import { run } from '../../../firmware/image/run.ts'
import { bundleProgram } from '../../../scripts/emulated/bundle-program.ts'
import { dataTest } from '../../support/data.ts'

t.setTimeout(500_000)
/** Debian's own C library for arm64, which the cross-compiler brings. */
const LIBRARIES = '/usr/aarch64-linux-gnu'
const SET = 'fvc2002_db1_b'
/** Of each of the set's fingers, so that an emulated processor is done in a minute. */
const IMPRESSIONS = /_[13]\.png$/

const folder = t.testdir()
writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
await bundleProgram(join(import.meta.dirname, 'bits-program.ts'), folder)
const program = join(folder, 'bits-program.js')
const { binary } = await nodeArm64()

async function bothOf(images: readonly string[]): Promise<{ here: string[]; arm64: string[] }> {
  const here = await run(process.execPath, [program, ...images])
  const arm64 = await run('qemu-aarch64-static', ['-L', LIBRARIES, binary, program, ...images])
  return { here: here.trim().split('\n'), arm64: arm64.trim().split('\n') }
}

t.test('the other processor is another one', async t => {
  const words = ['-L', LIBRARIES, binary, '--print', 'process.arch']
  t.equal((await run('qemu-aarch64-static', words)).trim(), 'arm64')
})

t.test('synthetic fingers', async t => {
  const { here, arm64 } = await bothOf([])
  t.ok(here.length > 8, 'there is something to compare')
  t.same(arm64, here)
})

dataTest('a set of real fingers', async (t, data) => {
  const images = readdirSync(join(data, SET)).filter(name => IMPRESSIONS.test(name))
  const { here, arm64 } = await bothOf(images.sort().map(name => join(data, SET, name)))
  t.ok(here.length > 2 * images.length, 'every image is there')
  t.same(arm64, here)
})
