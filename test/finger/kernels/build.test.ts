/** Goal: what runs is what its source says. Method: compile again, compare byte by byte. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import t from 'tap'
import { generatedKernels } from '../../../scripts/build-kernels.ts'

for (const [path, text] of generatedKernels())
  t.ok(readFileSync(path, 'utf8') === text, `${basename(path)} is fresh: else run scripts/build-kernels.ts`)
