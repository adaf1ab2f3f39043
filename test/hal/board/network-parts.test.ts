/**
 * Goal: a board file can name a scanner behind a device service, and its kiosk lives with what becomes of the service.
 * Method: an opened board, the service on a port inside the process.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readBoard } from '../../../hal/board/board.ts'
import type { Machine } from '../../../hal/board/machine.ts'
import { openBoard } from '../../../hal/board/open-board.ts'
import { pemOf } from '../../../hal/sim/device-certificates.ts'
import { SimulatedGpio } from '../../../hal/sim/gpio-lines.ts'
import { boardOf } from '../../../scripts/sbi-service.ts'
import { PacedClock } from '../../support/paced-clock.ts'
import { finger, PORT, sbiBench, somebody } from '../../support/sbi-bench.ts'

const request = (timeoutMs = 5000) => ({ timeoutMs, signal: new AbortController().signal })

t.test('a scanner behind a device service: up, gone, and back by itself', async t => {
  // The file of certificates is a real one, and takes real time.
  const { clock, loopback, service, keys, listen } = await sbiBench({ clock: new PacedClock() })
  const machine: Machine = {
    gpio: new SimulatedGpio(),
    loopback,
    i2c: () => {
      throw new Error('nothing is on a bus')
    },
    line: () => Promise.reject(new Error('nothing is on a line')),
  }
  const trust = join(t.testdir(), 'trust.pem')
  const text = JSON.stringify(boardOf(PORT, trust))
  const board = await clock.finish(openBoard(readBoard(text), { clock, machine }))
  const [part] = board.partsOf('fingerprint-sensor')
  t.match(part.state, { up: false, code: 'io/unreadable', detail: /trust\.pem/ }, 'nobody to trust yet')

  writeFileSync(trust, pemOf(keys.roots))
  await clock.advance(5000)
  t.match(part.state, { up: true }, 'and as soon as there is')
  t.match(board.sensor?.info, { model: 'Tunggal SIM-1', previewHz: 3, presentationAttackDetection: 'none' })
  service.citizen = somebody
  const frame = await clock.finish(board.sensor!.capture(request()))
  t.same(frame.pixels, finger.pixels)
  let images = 0
  await clock.finish(board.sensor!.preview!({ ...request(1000), onImage: () => images++ }))
  t.ok(images >= 3)

  loopback.unlisten(PORT)
  await t.rejects(clock.finish(board.sensor!.capture(request())), { code: 'hal/no-answer' })
  t.match(part.state, { up: false, code: 'hal/no-answer', detail: /start it/ })
  listen()
  await clock.advance(5000)
  t.match(part.state, { up: true })
  t.ok(await clock.finish(board.sensor!.capture(request())))

  service.citizen = undefined
  await t.rejects(clock.finish(board.sensor!.capture(request())), { code: 'hal/no-finger' })
  service.citizen = somebody
  service.captureError = 102
  await t.rejects(clock.finish(board.sensor!.capture(request())), { code: 'hal/bad-capture' })
  t.match(part.state, { up: true }, 'a finger that cannot be read is no fault of the part')
  await clock.finish(board.close())
  t.equal(clock.sleeping, 0)
})
