/** The ABIS on a data folder and a broker, as long as its parent is there: `abis-child DATA URL`. */
import { systemClock as clock } from '../../src/base/clock.ts'
import { silentLog as log } from '../../src/base/log.ts'
import { openAbis } from '../../src/cli/abis/open-abis.ts'

const [data, url] = process.argv.slice(2)
const centre = await openAbis({ data, url, clock, log })
process.on('disconnect', async () => {
  await centre.close()
  process.exit(0)
})
process.send?.('ready')
