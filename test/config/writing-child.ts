/** Writes one version after another into `config` below the folder of its first word, from the second on, and says each that is durable. */
import { folderDisk } from '../../src/config/disk.ts'
import { configFolder } from '../../src/config/folder.ts'
import { nothingHeld } from '../../src/config/held.ts'
import { heldFile } from '../../src/config/held-file.ts'
import { at } from './worlds.ts'

const [, , folder, from] = process.argv
const file = heldFile(folderDisk(configFolder(folder)))
await file.read()
for (let version = Number(from) + 1; ; version++) {
  await file.write({
    ...nothingHeld(at),
    highest: version,
    good: { version, settings: { capture: { qualityMin: version % 100 } } },
  })
  process.stdout.write(`${version}\n`)
}
