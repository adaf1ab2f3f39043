/**
 * Goal: a moment after a capture, nothing of the finger is left in the memory of the process that took it.
 * Method: the driver in a process of its own, in the environment that the kiosk's service has; the simulated service
 * stays here. All of that process's writable memory is searched for the image in every form that it took on its way, and
 * once before, while the process keeps a frame, to see that the search finds what is there.
 */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { simulatedCitizen } from '../../../../hal/sim/citizen.ts'
import { makeDeviceKeys, pemOf } from '../../../../hal/sim/device-certificates.ts'
import { jpeg2000Record } from '../../../../hal/sim/finger-records.ts'
import { SbiService } from '../../../../hal/sim/sbi-service.ts'
import { serveSbi } from '../../../../scripts/sbi/serve-sbi.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import { FREED_MEMORY_ENVIRONMENT } from '../../../../src/base/freed-memory.ts'
import type { Frame } from '../../../../src/finger/image/frame.ts'
import { found, type Needle } from '../../../support/process-memory.ts'

t.setTimeout(300_000)
const SEARCHES_MAX = 10

t.test('nothing of a finger is left in the memory of who took it', async t => {
  const keys = await makeDeviceKeys(Date.now())
  let record: Uint8Array = new Uint8Array()
  const service = new SbiService({
    clock: systemClock,
    keys,
    record: async view => (record = await jpeg2000Record(view)),
  })
  const served = await serveSbi(service, 0)
  const trust = join(t.testdir(), 'trust.pem')
  writeFileSync(trust, pemOf(keys.roots))
  const program = join(import.meta.dirname, 'capturing-child.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', program, String(served.port), trust], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...FREED_MEMORY_ENVIRONMENT },
  })
  t.teardown(() => child.kill('SIGKILL'))
  const said = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  t.equal((await said.next()).value, 'open')

  const first = simulatedCitizen(5).place(2, 0)!
  service.citizen = { place: () => first }
  child.stdin.write('keep\n')
  t.match((await said.next()).value, /^kept/)
  t.match(await found(child, [imageNeedle(first)]), ['image'], 'the search finds what is there')

  const second = simulatedCitizen(6).place(2, 0)!
  service.citizen = { place: () => second }
  child.stdin.write('forget\n')
  t.equal((await said.next()).value, 'done')
  const needles = [imageNeedle(second), ...recordNeedles(record)]
  let left = await found(child, needles)
  for (let search = 1; left.length > 0 && search < SEARCHES_MAX; search++) {
    await setTimeout(500)
    left = await found(child, needles)
  }
  t.same(left, [])
  child.kill('SIGKILL')
  await served.close()
})

/** Pixels from the middle of the finger. */
function imageNeedle({ pixels, widthPx, heightPx }: Frame): Needle {
  const middle = (heightPx >> 1) * widthPx + (widthPx >> 1)
  return { name: 'image', bytes: Buffer.from(pixels.slice(middle - 24, middle + 24)) }
}

/** The compressed image: its bytes, their base64, and that again in a signed body, at each place of three. */
function recordNeedles(record: Uint8Array): Needle[] {
  const middle = 3 * Math.floor(record.length / 6)
  const bytes = Buffer.from(record.slice(middle, middle + 60))
  const text = bytes.toString('base64url')
  return [
    { name: 'record', bytes },
    { name: 'base64', bytes: Buffer.from(text) },
    { name: 'wide base64', bytes: Buffer.from(text, 'utf16le') },
    ...[0, 1, 2].map(shift => ({
      name: `signed, ${shift}`,
      bytes: Buffer.from(
        Buffer.from(' '.repeat(shift) + text)
          .toString('base64url')
          .slice(4, 72),
      ),
    })),
  ]
}
