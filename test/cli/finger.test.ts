/**
 * Goal: `tunggal finger …` keeps its contract: the fields of its JSON lines in their order, its exit codes, and one
 * clear line for whatever is wrong with what it was given.
 * Method: the bundled command as a child process, on synthetic fingers and on files made to hurt.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { decodeImage } from '../../src/finger/image/decode.ts'
import { encodePng } from '../../src/finger/image/encode-png.ts'
import { syntheticFinger } from '../../src/finger/synthetic/finger.ts'
import { impression } from '../../src/finger/synthetic/impression.ts'
import { readInterchange } from '../../src/finger/template/interchange.ts'
import { dataTest } from '../support/data.ts'
import { type Answer, buildCli } from './built-cli.ts'

const folder = t.testdir({ cli: {}, gallery: {} })
const cli = buildCli(join(folder, 'cli'))
const file = (name: string) => join(folder, name)
const save = (name: string, bytes: Uint8Array) => {
  writeFileSync(file(name), bytes)
  return file(name)
}

const fingers = [syntheticFinger(1), syntheticFinger(2), syntheticFinger(3)]
const image = (finger: number, seed: number) => encodePng(impression(fingers[finger], { seed, noise: 0.1 }))
const first = save('first.png', image(0, 1))
const again = save('again.png', image(0, 2))
const other = save('other.png', image(1, 1))
for (const finger of [0, 1, 2]) save(`gallery/finger-${finger}.png`, image(finger, 5))

/** Exactly one line on standard error, about `about`, and no stack. */
function oneLineAbout(t: Tap, answer: Answer, about: RegExp): void {
  t.match(answer.err, about)
  t.equal(answer.err.split('\n').length, 2, `one line, not ${JSON.stringify(answer.err)}`)
}
type Tap = Pick<typeof t, 'match' | 'equal'>

t.test('quality: a line an image, in order, and 1 where one is not accepted', async t => {
  const flat = { widthPx: 300, heightPx: 300, pixels: new Uint8Array(90_000).fill(200) }
  const blank = save('blank.png', encodePng(flat))
  const good = await cli('finger', 'quality', '--json', first, again)
  t.equal(good.code, 0, good.err)
  t.same(
    good.lines.map(line => Object.keys(line).join()),
    Array(2).fill('image,score,accept,reason,measures,elapsedMs'),
  )
  t.same(
    good.lines.map(({ image, accept, reason }) => ({ image, accept, reason })),
    [first, again].map(image => ({ image, accept: true, reason: 'ok' })),
  )
  const mixed = await cli('finger', 'quality', '--json', blank, first)
  t.equal(mixed.code, 1)
  t.match(mixed.lines, [
    { image: blank, score: 0, accept: false, reason: 'not-a-finger' },
    { image: first, accept: true },
  ])
  t.match((await cli('finger', 'quality', blank)).out, /^ {2}0 {2}not accepted {2}not-a-finger /)
})

t.test('quality: one bad file has its line, and the others go on', async t => {
  const bad = save('bad.png', Buffer.from('this is not an image'))
  const answer = await cli('finger', 'quality', '--json', first, bad, file('missing.png'), again)
  t.equal(answer.code, 74, 'the worst of 0, 65 and 74')
  t.same(
    answer.lines.map(({ image }) => image),
    [first, again],
  )
  const lines = answer.err.trimEnd().split('\n')
  t.equal(lines.length, 2)
  t.match(lines[0], `tunggal finger quality: ${bad}: The file is not an image`)
  t.match(lines[1], `${file('missing.png')}: A file or folder cannot be read: there is no such file`)
})

t.test(
  'noise, which is what a photo of something else looks like to a ridge filter, is no finger',
  async t => {
    let state = 1
    const pixels = Uint8Array.from({ length: 90_000 }, () => (state = (state * 48271) % 2147483647) & 255)
    const noise = save('noise.png', encodePng({ widthPx: 300, heightPx: 300, pixels }))
    const answer = await cli('finger', 'quality', '--json', noise)
    t.equal(answer.code, 1)
    t.match(answer.lines, [{ accept: false }])
    oneLineAbout(
      t,
      await cli(
        'finger',
        'compare',
        noise,
        save('blank2.png', encodePng({ widthPx: 300, heightPx: 300, pixels: new Uint8Array(90_000) })),
      ),
      /finger\/not-a-finger/,
    )
  },
)

t.test('images that are no images', async t => {
  const tooLarge = Buffer.from(image(0, 1))
  tooLarge.writeUInt32BE(20_000, 16)
  tooLarge.writeUInt32BE(20_000, 20)
  const cases: [string, number, RegExp][] = [
    [save('large.png', tooLarge), 65, /larger than any fingerprint scan \(widthPx 20000, heightPx 20000\)/],
    [save('one.png', encodePng({ widthPx: 1, heightPx: 1, pixels: Uint8Array.of(0) })), 65, /too small/],
    [save('cut.png', image(0, 1).subarray(0, 5000)), 65, /ends too early/],
    [save('empty.png', new Uint8Array(0)), 65, /it is empty/],
    [save('text.png', Buffer.from('hello')), 65, /no PNG, PGM, BMP or WSQ/],
    [file('nowhere.png'), 74, /no such file/],
    [folder, 74, /it is a folder/],
  ]
  for (const [name, code, about] of cases)
    for (const words of [
      ['finger', 'quality', name],
      ['finger', 'extract', name, '-o', file('out.iso')],
      ...(code === 74 ? [['finger', 'show', name, '-o', file('out.png')]] : []),
    ]) {
      const answer = await cli(...words)
      t.equal(answer.code, code, `${words.slice(0, 2).join(' ')} ${name}`)
      oneLineAbout(t, answer, about)
      t.equal(answer.out, '')
    }
})

t.test('a file name cannot break the line', async t => {
  const answer = await cli('finger', 'quality', 'two\nlines\u001b[31m')
  oneLineAbout(t, answer, /two\?lines\?\[31m/)
})

t.test('extract, then compare image and template', async t => {
  for (const format of ['iso2005', 'ansi2004']) {
    const out = file(`first.${format}`)
    const answer = await cli(
      'finger',
      'extract',
      first,
      '-o',
      out,
      '--format',
      format,
      '--position',
      '2',
      '--json',
    )
    t.equal(answer.code, 0, answer.err)
    t.equal(Object.keys(answer.lines[0]).join(), 'image,template,minutiae,quality,elapsedMs')
    const record = readInterchange(readFileSync(out))
    t.equal(record.format, format)
    t.equal(record.views[0].position, 2)
    t.match(answer.lines, [
      {
        image: first,
        template: out,
        minutiae: record.views[0].template.count,
        quality: record.views[0].quality,
      },
    ])
    const alike = await cli('finger', 'compare', out, again, '--json')
    t.equal(alike.code, 0, JSON.stringify(alike))
    t.equal(Object.keys(alike.lines[0]).join(), 'a,b,score,threshold,falseMatchRate,alike,elapsedMs')
    t.match(alike.lines, [{ a: out, b: again, alike: true }])
    const notAlike = await cli('finger', 'compare', out, other, '--json')
    t.equal(notAlike.code, 1)
    t.match(notAlike.lines, [{ alike: false }])
  }
  t.match((await cli('finger', 'compare', first, other)).out, /^not alike: score /)
})

t.test('identify', async t => {
  save('gallery/.hidden', Buffer.from('left out'))
  save('gallery/notes.txt', Buffer.from('neither image nor template'))
  const answer = await cli('finger', 'identify', '--gallery', file('gallery'), first, other, '--json')
  t.equal(answer.code, 0, answer.err)
  t.equal(Object.keys(answer.lines[0]).join(), 'probe,candidates,gallerySize,compared,elapsedMs')
  t.match(answer.lines, [
    { probe: first, candidates: [{ id: 'finger-0' }], gallerySize: 3 },
    { probe: other, candidates: [{ id: 'finger-1' }], gallerySize: 3 },
  ])
  const scores = (answer.lines[0].candidates as { score: number }[]).map(({ score }) => score)
  t.same(
    scores,
    [...scores].sort((a, b) => b - a),
  )
  const limited = await cli(
    'finger',
    'identify',
    '--gallery',
    file('gallery'),
    first,
    '--limit',
    '1',
    '--json',
  )
  t.equal((limited.lines[0].candidates as unknown[]).length, 1)

  save('gallery/damaged.png', image(0, 1).subarray(0, 3000))
  const damaged = await cli('finger', 'identify', '--gallery', file('gallery'), first, '--json')
  t.equal(damaged.code, 65, 'a gallery that was not read in full is no silent success')
  t.match(damaged.lines, [{ gallerySize: 3, candidates: [{ id: 'finger-0' }] }])
  oneLineAbout(t, damaged, /damaged\.png/)
  oneLineAbout(
    t,
    await cli('finger', 'identify', '--gallery', file('nowhere'), first),
    /no such file or folder/,
  )
})

t.test('convert there and back', async t => {
  await cli('finger', 'extract', first, '-o', file('a.iso'))
  const there = await cli(
    'finger',
    'convert',
    file('a.iso'),
    '-o',
    file('b.ansi'),
    '--format',
    'ansi2004',
    '--json',
  )
  t.equal(there.code, 0, there.err)
  t.match(there.lines, [
    { in: file('a.iso'), out: file('b.ansi'), from: 'iso2005', to: 'ansi2004', fingers: 1 },
  ])
  const back = await cli('finger', 'convert', file('b.ansi'), '-o', file('c.iso'), '--format', 'iso2005')
  t.equal(back.code, 0)
  const [before, after] = ['a.iso', 'c.iso'].map(
    name => readInterchange(readFileSync(file(name))).views[0].template,
  )
  t.same(after.xPx, before.xPx)
  t.same(after.reliability, before.reliability)

  const whole = readFileSync(file('a.iso'))
  const hostile = Buffer.from(whole)
  hostile.writeUInt32BE(0xffffffff, 8)
  for (const [name, bytes] of [
    ['cut.iso', whole.subarray(0, whole.length - 1)],
    ['head.iso', whole.subarray(0, 11)],
    ['hostile.iso', hostile],
    ['photo.iso', image(0, 1)],
  ] as const) {
    const answer = await cli(
      'finger',
      'convert',
      save(name, bytes),
      '-o',
      file('d.iso'),
      '--format',
      'iso2005',
    )
    t.equal(answer.code, 65, name)
    oneLineAbout(t, answer, /The template is damaged or of an unknown format/)
  }
  t.equal((await cli('finger', 'compare', file('cut.iso'), first)).code, 65)
})

t.test('images as finger image records, which every command reads', async t => {
  for (const format of ['fir', 'fir-png']) {
    const record = file(`first.${format}`)
    const answer = await cli('finger', 'convert', first, '-o', record, '--format', format, '--json')
    t.equal(answer.code, 0, answer.err)
    t.same(answer.lines, [{ in: first, out: record, from: 'image', to: format, fingers: 1 }])
    t.equal((await cli('finger', 'quality', record)).code, 0)
    const back = await cli('finger', 'convert', record, '-o', file('back.png'), '--format', 'png')
    t.equal(back.code, 0, back.err)
    t.same(
      decodeImage(readFileSync(file('back.png'))),
      decodeImage(readFileSync(first)),
      'not a pixel is lost',
    )
  }
  await cli('finger', 'extract', first, '-o', file('a.iso'))
  const impossible = await cli('finger', 'convert', file('a.iso'), '-o', file('b.png'), '--format', 'png')
  t.equal(impossible.code, 64)
  oneLineAbout(t, impossible, /a template holds no image/)
})

t.test('show draws a picture', async t => {
  const answer = await cli('finger', 'show', first, '-o', file('show.png'), '--json')
  t.equal(answer.code, 0, answer.err)
  const picture = decodeImage(readFileSync(file('show.png')))
  t.ok(picture.widthPx > 1200 && picture.heightPx > 800, 'eight panels')
  t.ok(new Set(picture.pixels).size > 100, 'with something on them')
  const unwritable = await cli('finger', 'show', first, '-o', file('no/such/folder.png'))
  t.equal(unwritable.code, 74)
  oneLineAbout(t, unwritable, /A file cannot be written/)
})

t.test('raw pixels and resolution', async t => {
  const frame = decodeImage(readFileSync(first))
  const raw = save('first.raw', frame.pixels)
  const size = `${frame.widthPx}x${frame.heightPx}`
  const answer = await cli('finger', 'compare', raw, raw, '--raw', size, '--dpi', '500', '--json')
  t.equal(answer.code, 0, answer.err)
  t.equal((await cli('finger', 'quality', raw, '--raw', '30x40')).code, 65)
  t.equal((await cli('finger', 'quality', raw, '--raw', '30*40')).code, 64)
  t.equal((await cli('finger', 'quality', first, '--dpi', 'many')).code, 64)
  t.equal((await cli('finger', 'quality', first, '--dpi', '20')).code, 64)
})

dataTest('a batch of eighty real images, in order', async (t, data) => {
  const set = join(data, 'fvc2002_db1_b')
  const names = readdirSync(set).filter(name => name.endsWith('.png'))
  const answer = await cli('finger', 'quality', '--json', ...names.map(name => join(set, name)))
  t.equal(answer.err, '')
  t.same(
    answer.lines.map(({ image }) => image),
    names.map(name => join(set, name)),
  )
  t.ok(
    answer.lines.every(({ reason }) => reason !== 'not-a-finger'),
    'each of them is a finger',
  )
  const vendor = join(data, 'interop/secugen_fvc2002_db1_b')
  const ours = await cli('finger', 'compare', join(set, '101_1.png'), join(vendor, '101_2.iso'), '--json')
  t.match(ours.lines, [{ alike: true }], 'our template against another vendor’s, of the same finger')
  for (const name of ['Left_Index.iso', 'Right_Thumb.iso']) {
    const record = join(data, 'interop', name)
    const extracted = await cli('finger', 'extract', record, '-o', file('scanner.iso'), '--json')
    t.equal(extracted.code, 0, extracted.err)
    t.equal((await cli('finger', 'compare', record, file('scanner.iso'))).code, 0)
  }
})
