/**
 * Goal: `tunggal finger …` keeps its contract: the fields of its JSON lines in their order, and its exit codes.
 * Method: the bundled command as a child process, on synthetic fingers and on real ones.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { decodeImage } from '../../src/finger/image/decode.ts'
import { encodePng } from '../../src/finger/image/encode-png.ts'
import { syntheticFinger } from '../../src/finger/synthetic/finger.ts'
import { impression } from '../../src/finger/synthetic/impression.ts'
import { readInterchange } from '../../src/finger/template/interchange.ts'
import { dataTest } from '../support/data.ts'
import { buildCli, oneLineAbout } from './built-cli.ts'

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

t.test('quality --native, --map: what NFIQ 2 measures, and where the print is good', async t => {
  const { code, lines } = await cli('finger', 'quality', '--native', '--map', '--json', first, again)
  t.equal(code, 0)
  type Detailed = { native: Record<string, number>; map: { columns: number; rows: number; values: number[] } }
  for (const { native, map } of lines as unknown as Detailed[]) {
    t.ok(native.LCS_Bin10_Mean > 0.5 && native.LCS_Bin10_Mean <= 1)
    t.ok(native.FingerJetFX_MinutiaeCount > 10, 'minutiae are counted')
    t.equal(map.values.length, map.columns * map.rows)
    t.ok(Math.max(...map.values) > 80)
  }
  const { out } = await cli('finger', 'quality', '--native', '--map', first)
  t.match(out, /^ {5}Mu: \d+\.\d+$/m)
  t.match(out, /^ {5}\.*[0-9]{5,}\.*$/m)
  const blank = save(
    'white.png',
    encodePng({ widthPx: 64, heightPx: 64, pixels: new Uint8Array(4096).fill(255) }),
  )
  const none = await cli('finger', 'quality', '--native', '--map', '--json', blank)
  t.equal(none.code, 1)
  t.match(none.lines[0], { reason: 'not-a-finger', native: { Mu: 255, FingerJetFX_MinutiaeCount: 0 } })
  t.notOk((none.lines as unknown as Detailed[])[0].map.values.some(Boolean))
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
  // What is refused is what somebody wants to look at.
  const pixels = Uint8Array.from({ length: 90_000 }, (_, i) => (i * i * 31 + (i >> 3) * 7) & 255)
  const noise = save('noise.png', encodePng({ widthPx: 300, heightPx: 300, pixels }))
  const refused = await cli('finger', 'show', noise, '-o', file('noise-shown.png'), '--json')
  t.equal(refused.code, 1, refused.err)
  t.match(refused.lines, [{ minutiae: 0, quality: 0, reason: 'not-a-finger' }])
  t.ok(decodeImage(readFileSync(file('noise-shown.png'))).widthPx > 1200)
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

t.test('Ctrl-C stops a batch after the image it is at', async t => {
  const images = Array<string>(300).fill(first)
  const child = spawn(process.execPath, [
    join(folder, 'cli/main.js'),
    'finger',
    'quality',
    '--json',
    ...images,
  ])
  let out = ''
  child.stdout.on('data', chunk => {
    if (out === '') child.kill('SIGINT')
    out += chunk
  })
  const code = await new Promise(resolve => child.on('close', resolve))
  t.equal(code, 130)
  const lines = out.trimEnd().split('\n')
  t.ok(lines.length < images.length, `${lines.length} of ${images.length} were done`)
  t.match(JSON.parse(lines.at(-1) ?? ''), { image: first }, 'and the last line is whole')
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
