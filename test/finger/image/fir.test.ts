/**
 * Goal: finger image records come in and go out without a pixel lost; what does not hold together is refused.
 * Method: records written here and read back; single fields changed; real scanners' records (data test).
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { encodeJpeg2000, recordWith } from '../../../hal/sim/finger-records.ts'
import { KioskError } from '../../../src/base/errors.ts'
import { decodeFir } from '../../../src/finger/image/decode-fir.ts'
import { type FirView, readFir, writeFir } from '../../../src/finger/image/fir.ts'
import { dataTest } from '../../support/data.ts'
import { randomFrom } from '../template/random-template.ts'

function view(seed: number, position: number, quality: number | undefined): FirView {
  const random = randomFrom(seed)
  const [widthPx, heightPx] = [70 + Math.floor(random() * 50), 70 + Math.floor(random() * 50)]
  const pixels = Uint8Array.from({ length: widthPx * heightPx }, () => Math.floor(random() * 256))
  return { position, impression: 29, quality, frame: { widthPx, heightPx, resolutionDpi: 500, pixels } }
}

t.test('there and back, uncompressed and as PNG', async t => {
  const views = [view(1, 2, 66), view(2, 7, undefined), view(3, 7, 0)]
  for (const compression of ['none', 'png'] as const)
    t.same(await decodeFir(writeFir(views, compression)), views, compression)
})

t.test('JPEG 2000 inside, grey and in colour', async t => {
  const grey = view(6, 4, 70)
  const { widthPx, heightPx, pixels } = grey.frame
  const lossless = await encodeJpeg2000(pixels, { widthPx, heightPx, channels: 1 })
  t.same(await decodeFir(recordWith(grey, 'jpeg2000', lossless)), [grey])
  const rgb = Uint8Array.from({ length: 3 * pixels.length }, (_, i) => pixels[Math.floor(i / 3)])
  const colour = await encodeJpeg2000(rgb, { widthPx, heightPx, channels: 3 })
  t.same(await decodeFir(recordWith(grey, 'jpeg2000Lossy', colour)), [grey])

  const refused = async (what: string, edit: (view: DataView) => void, code = 'image/unreadable') => {
    const bytes = Uint8Array.from(lossless)
    edit(new DataView(bytes.buffer))
    await t.rejects(decodeFir(recordWith(grey, 'jpeg2000', bytes)), { code }, what)
  }
  const size = 8 // after two markers, the segment's length and its capabilities
  await refused('gigantic', view => view.setUint32(size, 0x7fffffff), 'image/too-large')
  await refused(
    'far from its origin',
    view => {
      view.setUint32(size, 0x7fffff00 + widthPx)
      view.setUint32(size + 8, 0x7fffff00)
    },
    'image/too-large',
  )
  await refused('a tile for every pixel', view => view.setUint32(size + 16, 1))
  await refused('tiles of nothing', view => view.setUint32(size + 16, 0))
  await refused('two channels', view => view.setUint16(size + 32, 2))
  await refused('sixteen bits', view => view.setUint8(size + 34, 15))
  await refused('another size than the record has', view => view.setUint32(size, widthPx + 1))
  await t.rejects(decodeFir(recordWith(grey, 'jpeg2000', lossless.subarray(0, 30))), {
    code: 'image/unreadable',
  })
})

t.test('many images that are large together are refused before they are unpacked', async t => {
  const pixels = new Uint8Array(3000 * 3000)
  const large: FirView = {
    ...view(8, 1, 1),
    frame: { widthPx: 3000, heightPx: 3000, resolutionDpi: 1000, pixels },
  }
  const record = writeFir(Array<FirView>(5).fill(large), 'png')
  t.ok(record.length < 500_000, 'it is small itself')
  t.throws(() => readFir(record), { code: 'image/too-large' })
})

t.test('what does not hold together is refused', async t => {
  const whole = writeFir([view(4, 2, 66)], 'none')
  const bytesPerRecord = 16
  const refused = async (what: string, edit: (view: DataView) => void, code = 'image/unreadable') => {
    const bytes = Uint8Array.from(whole)
    edit(new DataView(bytes.buffer))
    await t.rejects(decodeFir(bytes), { code }, what)
  }
  await refused('another magic', view => view.setUint8(2, 0x53))
  await refused('another version', view => view.setUint8(5, 0x31))
  await refused('longer than it is', view => view.setUint32(8, whole.length + 1))
  await refused('no representation', view => view.setUint16(12, 0))
  await refused('a thousand representations', view => view.setUint16(12, 1000))
  await refused('a representation past the end', view => view.setUint32(bytesPerRecord, whole.length))
  const fields = bytesPerRecord + 18 + 1 + 5
  await refused('three-dimensional resolution', view => view.setUint8(fields + 2, 3))
  await refused('no resolution', view => view.setUint16(fields + 7, 0))
  await refused('one bit a pixel', view => view.setUint8(fields + 11, 1))
  await refused('JPEG', view => view.setUint8(fields + 12, 3))
  await refused('a compression that nobody knows', view => view.setUint8(fields + 12, 77))
  await refused('PNG that is none', view => view.setUint8(fields + 12, 6))
  await refused('JPEG 2000 that is none', view => view.setUint8(fields + 12, 5))
  await refused('a pixel too many', view => view.setUint32(fields + 18, view.getUint32(fields + 18) - 1))
  await refused('a gigantic image', view => view.setUint32(fields + 14, 0xffffffff), 'image/too-large')
  await refused('an image of nothing', view => view.setUint32(fields + 14, 0), 'image/too-small')
  await t.rejects(decodeFir(whole.subarray(0, whole.length - 1)), { code: 'image/unreadable' })
  t.equal(readFir(Uint8Array.of(...whole, 1, 2, 3)).length, 1, 'what follows a record is not its business')
})

dataTest('records of real scanners, with JPEG 2000 inside', async (t, data) => {
  for (const [name, position, quality, widthPx, heightPx] of [
    ['Left_Index.iso', 7, 57, 280, 448],
    ['Right_Thumb.iso', 1, 67, 357, 504],
  ] as const) {
    const bytes = readFileSync(join(data, 'interop', name))
    const [view] = await decodeFir(bytes)
    const { frame } = view
    t.same(
      { ...view, frame: { ...frame, pixels: undefined } },
      {
        position,
        impression: 29,
        quality,
        frame: { widthPx, heightPx, resolutionDpi: 500, pixels: undefined },
      },
    )
    t.ok(new Set(frame.pixels).size > 200, 'with all levels of grey')

    const random = randomFrom(5)
    const seen = { read: 0, refused: 0 }
    for (let i = 0; i < 60; i++) {
      const damaged = Uint8Array.from(bytes)
      const at = 69 + Math.floor(random() * (i % 2 === 0 ? 200 : damaged.length - 69))
      damaged[at] = Math.floor(random() * 256)
      try {
        await decodeFir(damaged)
        seen.read++
      } catch (error) {
        if (!(error instanceof KioskError)) throw error
        seen.refused++
      }
    }
    t.ok(seen.read > 5 && seen.refused > 5, JSON.stringify(seen))
  }
})
