/**
 * Goal: a line that loses every fifth IP packet, and one that needs seconds besides: what a citizen was told is done
 * reaches the ABIS once, and nothing is sent again and again meanwhile.
 * Method: `lost-packets-child.ts` runs in a network namespace of its own, Mosquitto in another; between them two TUN
 * devices and a program that drops packets, so that the kernel's own TCP has to live with it. Where the machine gives
 * no namespace or no TUN it says so and nothing is shown.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const run = promisify(execFile)
const isRoot = process.getuid?.() === 0
const OWN_NETWORK = isRoot ? ['--net'] : ['--user', '--map-root-user', '--net']
const faults = join(import.meta.dirname, '../../scripts/faults')
t.setTimeout(900_000)

t.test('lines that lose packets', async t => {
  const line = join(t.testdir(), 'lossy-line')
  await run('gcc', ['-O2', '-Wall', '-Wextra', '-o', line, join(faults, 'lossy-line.c')])
  try {
    await run('unshare', [...OWN_NETWORK, line, '0', '0', '1', 'true'])
  } catch (error) {
    if (process.env.CI === 'true' && isRoot) throw error
    t.comment(`NOT RUN: no network namespace or no /dev/net/tun for us here: ${error}`)
    return
  }
  const child = join(import.meta.dirname, 'lost-packets-child.ts')
  await t.spawn(
    'unshare',
    [...OWN_NETWORK, process.execPath, '--import', 'tsx', child, line],
    { timeout: 880_000 },
    'in a network of its own',
  )
})
