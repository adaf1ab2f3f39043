/**
 * Goal: a stored template is the template, to the last bit; stored bytes that were changed are refused or give a
 * template whose every value is possible.
 * Method: random templates there and back; then every byte of some of them changed.
 */
import t from 'tap'
import { KioskError } from '../../../src/base/errors.ts'
import { packTemplate, unpackTemplate } from '../../../src/finger/template/at-rest.ts'
import { MINUTIAE_MAX } from '../../../src/finger/template/template.ts'
import { randomFrom, randomTemplate } from './random-template.ts'

t.test('nothing is lost', async t => {
  const random = randomFrom(1)
  for (const count of [0, 1, 2, 37, MINUTIAE_MAX])
    for (let i = 0; i < 10; i++) {
      const template = randomTemplate(random, count)
      t.strictSame(unpackTemplate(packTemplate(template)), template)
    }
})

t.test('it works at any offset of a larger buffer', async t => {
  const template = randomTemplate(randomFrom(2), 20)
  const packed = packTemplate(template)
  const larger = new Uint8Array(packed.length + 7)
  larger.set(packed, 3)
  t.strictSame(unpackTemplate(larger.subarray(3, 3 + packed.length)), template)
})

t.test('another length or version is refused', async t => {
  const packed = packTemplate(randomTemplate(randomFrom(3), 20))
  for (let length = 0; length < packed.length; length += 1 + (length >> 4))
    t.throws(() => unpackTemplate(packed.subarray(0, length)), { code: 'template/unreadable' })
  t.throws(() => unpackTemplate(Uint8Array.of(...packed, 0)), { code: 'template/unreadable' })
  t.throws(() => unpackTemplate(Uint8Array.of(1, ...packed.subarray(1))), { code: 'template/unreadable' })
})

t.test('changed bytes never give an impossible template', async t => {
  const random = randomFrom(4)
  const pool = Array.from({ length: 20 }, (_, i) => packTemplate(randomTemplate(random, 1 + (i % 5))))
  let refused = 0
  let read = 0
  for (let i = 0; i < 20_000; i++) {
    const packed = Uint8Array.from(pool[i % pool.length])
    packed[Math.floor(random() * Math.min(packed.length, 60))] = Math.floor(random() * 256)
    try {
      const { xPx, yPx, widthPx, heightPx, directionRad, reliability, kind } = unpackTemplate(packed)
      read++
      const possible =
        xPx.every(x => x >= 0 && x <= widthPx) &&
        yPx.every(y => y >= 0 && y <= heightPx) &&
        directionRad.every(angle => angle >= 0 && angle < 6.29) &&
        reliability.every(share => share >= 0 && share <= 1) &&
        kind.every(one => one <= 2)
      if (!possible) t.fail('an impossible template', { i })
    } catch (error) {
      refused++
      if (!(error instanceof KioskError) || error.code !== 'template/unreadable') throw error
    }
  }
  t.ok(refused > 1000 && read > 1000, `${refused} refused, ${read} read`)
})
