/** Goal: what runs is what its source says. Method: compile again, compare byte by byte. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import t from 'tap'
import { generatedKernels } from '../../../scripts/build-kernels.ts'

t.setTimeout(300_000) // a compiler run takes five seconds on an idle core

t.test('each module is what its source compiles to', async t => {
  for (const [path, text] of await generatedKernels())
    t.ok(readFileSync(path, 'utf8') === text, `${basename(path)} is fresh: else run scripts/build-kernels.ts`)
})
