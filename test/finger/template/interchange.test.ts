/**
 * Goal: templates go to other systems and come back with all that the format can hold; records of other systems
 * are read as they are, dirt included; what is damaged is refused, never a crash.
 * Method: random templates rounded to what a format holds, there and back; records built by hand for the formats
 * that we only read; records of four other writers (data tests); mutations.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { KioskError } from '../../../src/base/errors.ts'
import {
  type InterchangeView,
  readInterchange,
  writableFormats,
  writeInterchange,
} from '../../../src/finger/template/interchange.ts'
import { KIND, MINUTIAE_MAX, type Template } from '../../../src/finger/template/template.ts'
import { dataTest } from '../../support/data.ts'
import { iso2011Record } from './iso2011-record.ts'
import { randomFrom, randomTemplate } from './random-template.ts'

/** The template with every value moved to the nearest that the format can hold. */
function rounded(template: Template, angles: number): Template {
  const { orientation: _, ...rest } = template
  return {
    ...rest,
    quality: template.quality || undefined,
    xPx: template.xPx.map(Math.round),
    yPx: template.yPx.map(Math.round),
    directionRad: template.directionRad.map(
      angle => ((Math.round((angle / 2 / Math.PI) * angles) % angles) * 2 * Math.PI) / angles,
    ),
    reliability: template.reliability.map(share => Math.max(1, Math.round(share * 100)) / 100),
  }
}

function viewOf(template: Template, random: () => number): InterchangeView {
  const impression = [0, 1, 2, 3, 8][Math.floor(random() * 5)]
  return { position: Math.floor(random() * 11), impression, quality: template.quality, template }
}

t.test('there and back, nothing is lost that the format can hold', async t => {
  const random = randomFrom(11)
  for (const [format, angles] of [
    ['iso2005', 256],
    ['ansi2004', 180],
  ] as const)
    for (const count of [0, 1, 2, 40, MINUTIAE_MAX])
      for (let i = 0; i < 10; i++) {
        const view = viewOf(randomTemplate(random, count), random)
        const record = readInterchange(writeInterchange(view, format))
        const template = rounded(view.template, angles)
        t.same(record, { format, views: [{ ...view, quality: template.quality, template }] })
        // What was read is written again byte for byte.
        t.same(writeInterchange(record.views, format), writeInterchange(view, format))
      }
})

t.test('several fingers in one record, and the long form of ANSI', async t => {
  const random = randomFrom(12)
  const template = { ...randomTemplate(random, MINUTIAE_MAX), widthPx: 800, heightPx: 800 }
  for (const format of writableFormats)
    for (const count of [2, 10, 120]) {
      const views = Array.from({ length: count }, () => viewOf(template, random))
      const bytes = writeInterchange(views, format)
      t.equal(bytes.length > 0xffff, count === 120)
      const record = readInterchange(bytes)
      t.equal(record.format, format)
      t.same(
        record.views.map(({ position, impression, template }) => [position, impression, template.count]),
        views.map(({ position, impression }) => [position, impression, MINUTIAE_MAX]),
      )
    }
})

t.test('an impression without a number in the format becomes live plain', async t => {
  const template = randomTemplate(randomFrom(13), 3)
  const impressionIn = (format: 'iso2005' | 'ansi2004', impression: number) =>
    readInterchange(writeInterchange({ position: 2, impression, quality: 70, template }, format)).views[0]
      .impression
  t.same([impressionIn('iso2005', 9), impressionIn('ansi2004', 9), impressionIn('iso2005', 24)], [0, 9, 0])
})

t.test('ISO/IEC 19794-2:2011, with and without certificates and minutia quality', async t => {
  for (const certified of [false, true])
    for (const minutiaBytes of [5, 6] as const) {
      const { format, views } = readInterchange(iso2011Record(certified, minutiaBytes))
      t.equal(format, 'iso2011')
      t.equal(views.length, 2)
      const { position, impression, quality, template } = views[1]
      t.same([position, impression, quality], [7, 1, 66])
      // 394 pixels a centimetre is 1000 dpi.
      t.same([template.widthPx, template.heightPx], [256, 384])
      t.same([...template.xPx, ...template.yPx], [32, 20, 7, 15.5])
      t.same([...template.kind], [KIND.ending, KIND.bifurcation])
      t.same(template.directionRad, Float32Array.of((56 / 256) * 2 * Math.PI, 0))
      t.same(template.reliability, Float32Array.of(minutiaBytes === 6 ? 0.9 : 1, 1))
    }
})

t.test('more minutiae than a template holds: the best stay, in order', async t => {
  const template = randomTemplate(randomFrom(14), 0)
  const bytes = [...writeInterchange({ position: 0, impression: 0, quality: 50, template }, 'iso2005')]
  const minutiae = Array.from({ length: 255 }, (_, i) => [0x40, i & 63, 0, i >> 2, 0, i < 150 ? 20 : 80])
  const record = Uint8Array.from([...bytes.slice(0, 27), 255, ...minutiae.flat(), 0, 0])
  new DataView(record.buffer).setUint32(8, record.length)
  const [view] = readInterchange(record).views
  t.equal(view.template.count, MINUTIAE_MAX)
  t.same(
    [...view.template.xPx],
    Array.from({ length: MINUTIAE_MAX }, (_, i) => (150 + i) & 63),
  )
})

t.test('impossible records are refused', async t => {
  const template = randomTemplate(randomFrom(15), 5)
  const record = writeInterchange({ position: 2, impression: 0, quality: 70, template }, 'iso2005')
  const refused = (what: string, edit: (view: DataView) => void, cut = 0) => {
    const bytes = record.slice(0, record.length - cut)
    edit(new DataView(bytes.buffer))
    t.throws(() => readInterchange(bytes), { code: 'template/unreadable' }, what)
  }
  refused('a byte is missing', () => {}, 1)
  refused('a length of 3', view => view.setUint32(8, 3))
  refused('a length of 4 GB', view => view.setUint32(8, 0xffffffff))
  refused('no finger', view => view.setUint8(22, 0))
  refused('a finger too many', view => view.setUint8(22, 2))
  refused('a minutia too many', view => view.setUint8(27, 6))
  refused('no resolution', view => view.setUint16(18, 0))
  refused('an image of a metre', view => view.setUint16(14, 20_000))
  refused('a minutia outside any image', view => view.setUint16(28, 0x7fff))
  refused('extended data past the end', view => view.setUint16(record.length - 2, 1))
  refused('another version', view => view.setUint8(5, 0x34))
  const ansi = writeInterchange({ position: 2, impression: 0, quality: 70, template }, 'ansi2004')
  ansi[30 + 4] = 180
  t.throws(() => readInterchange(ansi), { code: 'template/unreadable' }, 'an angle of 360 degrees')
  for (const bytes of ['', 'FMR', 'FMR\0', 'FMR\0 20\0', 'FMR\0 20\0\0\0\0\0\0\0', 'not a template'])
    t.throws(() => readInterchange(Buffer.from(bytes, 'latin1')), { code: 'template/unreadable' })
})

t.test('mutated records are read or refused, never more', async t => {
  const random = randomFrom(16)
  const two = [viewOf(randomTemplate(random, 12), random), viewOf(randomTemplate(random, 30), random)]
  const seeds = [
    ...writableFormats.map(format => writeInterchange(two, format)),
    iso2011Record(true, 6),
    iso2011Record(false, 5),
  ]
  const seen = { read: 0, refused: 0 }
  for (let i = 0; i < 40_000; i++) {
    const bytes = Uint8Array.from(seeds[i % seeds.length])
    const changes = 1 + Math.floor(random() * 4)
    for (let change = 0; change < changes; change++)
      bytes[Math.floor(random() * (random() < 0.7 ? 60 : bytes.length))] = Math.floor(random() * 256)
    try {
      const { views } = readInterchange(
        bytes.subarray(0, bytes.length - (i % 3 === 0 ? Math.floor(random() * 9) : 0)),
      )
      seen.read++
      for (const { template } of views)
        if (template.count > MINUTIAE_MAX || template.xPx.some(x => !(x >= 0 && x <= template.widthPx)))
          t.fail('an impossible template', { i })
    } catch (error) {
      seen.refused++
      if (!(error instanceof KioskError) || error.code !== 'template/unreadable') throw error
    }
  }
  t.ok(seen.read > 4000 && seen.refused > 4000, JSON.stringify(seen))
})

dataTest('records of other writers', async (t, data) => {
  const folder = join(data, 'interop')
  const read = (name: string) => readInterchange(readFileSync(join(folder, name)))
  const summary = (name: string) => {
    const { format, views } = read(name)
    return [format, ...views.map(({ position, quality, template }) => [position, quality, template.count])]
  }
  t.same(summary('fmr.ansi2004'), ['ansi2004', [7, 90, 27], [2, 70, 22], [3, 69, 28]])
  t.same(summary('fmr.ansi2007'), ['ansi2007', [7, 90, 27], [2, 70, 22]])
  t.same(summary('iso-probe.dat'), ['iso2005', [0, 100, 38]])
  t.same(summary('fjfx/a001_03p.ist'), ['iso2005', [0, 60, 68]])
  // The same finger of the same writer, in two formats: 1.4 against 2 degrees.
  const [first, second] = [read('fmr.ansi2004').views[0].template, read('fmr.ansi2007').views[0].template]
  t.same(first.xPx, second.xPx)
  t.same(first.directionRad, second.directionRad)

  for (const name of ['fmr.iso2005', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].filter(
    name => name === 'fmr.iso2005' || name.startsWith('openafis/inv_'),
  ))
    t.throws(() => read(name), { code: 'template/unreadable' }, name)

  const secugen = readdirSync(join(folder, 'secugen_fvc2002_db1_b'))
  t.equal(secugen.length, 80)
  for (const name of [...secugen.map(name => `secugen_fvc2002_db1_b/${name}`), 'openafis/101_1.iso']) {
    const { format, views } = read(name)
    if (format !== 'iso2005' || views.length !== 1 || views[0].template.count < 6) t.fail(name)
    // Nothing is lost: written again, the bytes are the same but for minutia quality, which was not reported.
    const again = writeInterchange(views, 'iso2005')
    const original = readFileSync(join(folder, name))
    for (let i = 0; i < views[0].template.count; i++) again[28 + 6 * i + 5] = 0
    t.same(again, Uint8Array.from(original), name)
  }
})
