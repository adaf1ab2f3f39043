/**
 * Goal: every kind of file that a scanner or a person hands us becomes the right grey levels, and whatever
 * is damaged, huge or not an image is refused in one sentence before it costs memory.
 * Method: files built here byte by byte, so that the expected pixels are known; another library's PNG writer
 * as a second opinion.
 */
import { deflateSync } from 'node:zlib'
import { encode } from 'fast-png'
import t from 'tap'
import { KioskError } from '../../../src/base/errors.ts'
import { crc32 } from '../../../src/finger/image/crc32.ts'
import { decodeImage } from '../../../src/finger/image/decode.ts'
import { encodePng } from '../../../src/finger/image/encode-png.ts'
import { bmpFile, HEIGHT, levelAt, WIDTH } from './bmp-file.ts'

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return error instanceof KioskError ? error.code : `not a KioskError: ${error}`
  }
  return 'no error'
}

function png(fields: {
  depth: number
  colour: number
  rows: Uint8Array
  width?: number
  height?: number
  extra?: Uint8Array[]
}): Uint8Array {
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, fields.width ?? WIDTH)
  view.setUint32(4, fields.height ?? HEIGHT)
  header.set([fields.depth, fields.colour, 0, 0, 0], 8)
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    ...(fields.extra ?? []),
    chunk('IDAT', deflateSync(fields.rows)),
    chunk('IEND', new Uint8Array(0)),
  ])
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const edges = Buffer.alloc(8)
  edges.writeUInt32BE(data.length, 0)
  edges.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([edges.subarray(0, 4), body, edges.subarray(4)])
}

/** Rows of one sample of `depth` bits a pixel, unfiltered. */
function packedRows(depth: number): Uint8Array {
  const rowBytes = Math.ceil((WIDTH * depth) / 8) + 1
  const rows = new Uint8Array(rowBytes * HEIGHT)
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const bit = x * depth
      rows[y * rowBytes + 1 + (bit >> 3)] |= levelAt(x, y, 1 << depth) << (8 - depth - (bit & 7))
    }
  return rows
}

function pixelsBy(levelOf: (x: number, y: number) => number): Uint8Array {
  return Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => levelOf(i % WIDTH, Math.floor(i / WIDTH)))
}

t.test('grey PNG of 1, 2, 4 and 8 bits', async t => {
  for (const depth of [1, 2, 4, 8]) {
    const frame = decodeImage(png({ depth, colour: 0, rows: packedRows(depth) }))
    t.same([frame.widthPx, frame.heightPx, frame.resolutionDpi], [WIDTH, HEIGHT, 500])
    const full = (1 << depth) - 1
    t.same(
      frame.pixels,
      pixelsBy((x, y) => Math.round((levelAt(x, y, 1 << depth) * 255) / full)),
      `${depth} bits`,
    )
  }
})

t.test('palette PNG of 1, 2, 4 and 8 bits, with transparent colours on white', async t => {
  for (const depth of [1, 2, 4, 8]) {
    const colours = 1 << depth
    const palette = new Uint8Array(colours * 3)
    for (let i = 0; i < colours; i++) palette.fill(Math.floor((200 * i) / colours), 3 * i, 3 * i + 3)
    const extra = [chunk('PLTE', palette), chunk('tRNS', Uint8Array.of(0))]
    const frame = decodeImage(png({ depth, colour: 3, rows: packedRows(depth), extra }))
    t.same(
      frame.pixels,
      pixelsBy((x, y) => {
        const index = levelAt(x, y, colours)
        return index === 0 ? 255 : Math.floor((200 * index) / colours)
      }),
      `${depth} bits`,
    )
  }
})

t.test('a palette that lacks a colour is refused', async t => {
  const extra = [chunk('PLTE', Uint8Array.of(1, 2, 3))]
  t.equal(
    codeOf(() => decodeImage(png({ depth: 8, colour: 3, rows: packedRows(8), extra }))),
    'image/unreadable',
  )
  t.equal(
    codeOf(() => decodeImage(png({ depth: 8, colour: 3, rows: packedRows(8) }))),
    'image/unreadable',
  )
})

t.test('every channel count and depth that another writer makes, plain and interlaced', async t => {
  for (const interlace of ['null', 'Adam7'] as const)
    for (const depth of [8, 16] as const)
      for (const channels of [1, 2, 3, 4]) {
        const full = depth === 8 ? 255 : 65535
        const data =
          depth === 8 ? new Uint8Array(WIDTH * HEIGHT * channels) : new Uint16Array(WIDTH * HEIGHT * channels)
        const hasAlpha = channels % 2 === 0
        const expected = pixelsBy((x, y) => {
          const grey = levelAt(x, y, 256)
          const at = (y * WIDTH + x) * channels
          const opaque = x % 3 !== 0 || !hasAlpha
          data.fill(Math.round((grey * full) / 255), at, at + channels)
          if (hasAlpha) data[at + channels - 1] = opaque ? full : 0
          return opaque ? grey : 255
        })
        const bytes = encode({ width: WIDTH, height: HEIGHT, data, depth, channels }, { interlace })
        t.same(decodeImage(bytes).pixels, expected, `${channels} × ${depth} bits, ${interlace}`)
      }
})

t.test('colour becomes luminance', async t => {
  const data = new Uint8Array(WIDTH * HEIGHT * 3)
  data.set([255, 0, 0, 0, 255, 0, 0, 0, 255])
  const { pixels } = decodeImage(encode({ width: WIDTH, height: HEIGHT, data, channels: 3 }))
  t.same([...pixels.subarray(0, 3)], [76, 150, 29])
})

t.test('what we encode we read back, with its resolution', async t => {
  const pixels = pixelsBy((x, y) => levelAt(x, y, 256))
  for (const resolutionDpi of [250, 500, 508, 1000]) {
    const frame = { widthPx: WIDTH, heightPx: HEIGHT, resolutionDpi, pixels }
    if (resolutionDpi === 1000)
      t.equal(
        codeOf(() => decodeImage(encodePng(frame))),
        'image/too-small',
      )
    else t.same(decodeImage(encodePng(frame)), frame)
  }
  const colour = Uint8Array.from({ length: 3 * pixels.length }, (_, i) => pixels[Math.floor(i / 3)])
  const rgb = encodePng({ widthPx: WIDTH, heightPx: HEIGHT, pixels: colour })
  t.same(decodeImage(rgb).pixels, pixels)
})

t.test('a resolution for screens is not believed, and an option goes before the file', async t => {
  const pixels = pixelsBy((x, y) => levelAt(x, y, 256))
  const screen = encodePng({ widthPx: WIDTH, heightPx: HEIGHT, pixels, resolutionDpi: 96 })
  t.equal(decodeImage(screen).resolutionDpi, 500)
  t.equal(decodeImage(screen, { dpi: 400 }).resolutionDpi, 400)
  const honest = encodePng({ widthPx: WIDTH, heightPx: HEIGHT, pixels, resolutionDpi: 300 })
  t.equal(decodeImage(honest).resolutionDpi, 300)
  t.equal(decodeImage(honest, { dpi: 500 }).resolutionDpi, 500)
  t.equal(
    codeOf(() => decodeImage(honest, { dpi: 50 })),
    'usage/bad-option',
  )
})

t.test('PGM, as bytes, as words and as text', async t => {
  const expected = pixelsBy((x, y) => levelAt(x, y, 256))
  const head = (kind: string, highest: number) =>
    Buffer.from(`${kind}\n# a comment 12\n${WIDTH} # another\n${HEIGHT}\n${highest}\n`, 'latin1')
  t.same(decodeImage(Buffer.concat([head('P5', 255), expected])).pixels, expected)
  const words = Buffer.alloc(2 * expected.length)
  for (const [i, level] of expected.entries()) words.writeUInt16BE(level * 257, 2 * i)
  t.same(decodeImage(Buffer.concat([head('P5', 65535), words])).pixels, expected)
  const text = Buffer.from([...expected].join(' '), 'latin1')
  t.same(decodeImage(Buffer.concat([head('P2', 255), text])).pixels, expected)
  const few = Buffer.concat([head('P5', 15), expected.map(level => level >> 4)])
  t.same(
    decodeImage(few).pixels,
    expected.map(level => (level >> 4) * 17),
  )
  t.equal(
    codeOf(() => decodeImage(Buffer.concat([head('P5', 255), expected.subarray(1)]))),
    'image/unreadable',
  )
  t.equal(
    codeOf(() => decodeImage(Buffer.concat([head('P2', 255), text.subarray(0, -9)]))),
    'image/unreadable',
  )
  t.equal(
    codeOf(() => decodeImage(Buffer.from('P5 70 65 0 '))),
    'image/unreadable',
  )
  t.equal(
    codeOf(() => decodeImage(Buffer.from('P5 70'))),
    'image/unreadable',
  )
  t.equal(
    codeOf(() => decodeImage(Buffer.from('P5ome text that is no image at all'))),
    'image/unreadable',
  )
  t.equal(
    codeOf(() => decodeImage(Buffer.from('P5 99999 99999 255 '))),
    'image/too-large',
  )
})

t.test('BMP of 8, 24 and 32 bits, upwards and downwards', async t => {
  const expected = pixelsBy((x, y) => levelAt(x, y, 256))
  for (const bits of [8, 24, 32])
    for (const topDown of [false, true]) {
      const frame = decodeImage(bmpFile(bits, topDown))
      t.same(frame.pixels, expected, `${bits} bits, ${topDown ? 'downwards' : 'upwards'}`)
      t.equal(frame.resolutionDpi, 500)
    }
  t.equal(
    codeOf(() => decodeImage(bmpFile(8, false).subarray(0, -1))),
    'image/unreadable',
  )
  t.equal(
    codeOf(() => decodeImage(bmpFile(8, false, view => view.setUint32(30, 1, true)))),
    'image/unreadable',
  )
  t.equal(
    codeOf(() => decodeImage(bmpFile(8, false, view => view.setInt32(18, 1 << 20, true)))),
    'image/too-large',
  )
  t.equal(
    codeOf(() => decodeImage(bmpFile(8, false, view => view.setInt32(18, -5, true)))),
    'image/too-small',
  )
  t.equal(
    codeOf(() => decodeImage(Buffer.from('BM'))),
    'image/unreadable',
  )
})

t.test('raw pixels must be as many as the size says', async t => {
  const pixels = pixelsBy((x, y) => levelAt(x, y, 256))
  const raw = { widthPx: WIDTH, heightPx: HEIGHT }
  t.same(decodeImage(pixels, { raw, dpi: 508 }), { ...raw, resolutionDpi: 508, pixels })
  t.equal(
    codeOf(() => decodeImage(pixels.subarray(1), { raw })),
    'image/unreadable',
  )
})

t.test('sizes out of bounds are refused from the header alone', async t => {
  const rows = new Uint8Array(100)
  const refused = (width: number, height: number) =>
    codeOf(() => decodeImage(png({ depth: 8, colour: 0, rows, width, height })))
  t.equal(refused(20_000, 20_000), 'image/too-large')
  t.equal(refused(4000, 4000), 'image/too-large')
  t.equal(refused(0xffffffff, 1), 'image/too-large')
  t.equal(refused(0, 500), 'image/too-small')
  t.equal(
    codeOf(() => decodeImage(png({ depth: 8, colour: 0, rows: new Uint8Array(2), width: 1, height: 1 }))),
    'image/too-small',
  )
  // 3,000 pixels are fine at 500 dpi, not where each stands for two and a half.
  const wide = encodePng({
    widthPx: 3000,
    heightPx: 100,
    pixels: new Uint8Array(300_000),
    resolutionDpi: 500,
  })
  t.equal(decodeImage(wide).widthPx, 3000)
  t.equal(
    codeOf(() => decodeImage(wide, { dpi: 200 })),
    'image/too-large',
  )
})

t.test('a PNG that unpacks to more than its size says is stopped', async t => {
  const bomb = png({ depth: 8, colour: 0, rows: new Uint8Array(50_000_000) })
  t.ok(bomb.length < 100_000, 'it is small')
  const before = process.memoryUsage().arrayBuffers
  t.equal(
    codeOf(() => decodeImage(bomb)),
    'image/unreadable',
  )
  t.ok(process.memoryUsage().arrayBuffers - before < 10_000_000, 'it was not unpacked')
})

t.test('cut anywhere, a PNG is refused', async t => {
  const whole = encodePng({
    widthPx: WIDTH,
    heightPx: HEIGHT,
    pixels: pixelsBy((x, y) => levelAt(x, y, 256)),
  })
  for (let length = 0; length < whole.length; length += length < 60 ? 1 : 37)
    t.equal(
      codeOf(() => decodeImage(whole.subarray(0, length))),
      'image/unreadable',
      `${length} bytes`,
    )
})

t.test('a byte changed anywhere is either noticed or harmless, never a crash', async t => {
  const whole = encodePng({
    widthPx: WIDTH,
    heightPx: HEIGHT,
    pixels: pixelsBy((x, y) => levelAt(x, y, 256)),
  })
  const seen = new Map<string, number>()
  for (let at = 0; at < whole.length; at++) {
    const damaged = Uint8Array.from(whole)
    damaged[at] ^= 1 + (at % 255)
    const code = codeOf(() => decodeImage(damaged))
    seen.set(code, (seen.get(code) ?? 0) + 1)
  }
  for (const code of seen.keys())
    t.ok(['no error', 'image/unreadable', 'image/too-large', 'image/too-small'].includes(code), code)
  t.ok((seen.get('image/unreadable') ?? 0) > whole.length * 0.9, 'nearly all are noticed')
})
