/**
 * Goal: whatever a finger command is handed that it cannot use, it says so in one line with the right exit code.
 * Method: the bundled command as a child process, on files made to hurt.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { encodePng } from '../../src/finger/image/encode-png.ts'
import { syntheticFinger } from '../../src/finger/synthetic/finger.ts'
import { impression } from '../../src/finger/synthetic/impression.ts'
import { buildCli, oneLineAbout } from './built-cli.ts'

const folder = t.testdir({ cli: {} })
const cli = buildCli(join(folder, 'cli'))
const file = (name: string) => join(folder, name)
const save = (name: string, bytes: Uint8Array) => {
  writeFileSync(file(name), bytes)
  return file(name)
}

const good = encodePng(impression(syntheticFinger(1), { seed: 1, noise: 0.1 }))
const first = save('first.png', good)
const again = save('again.png', good)

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

t.test('noise, as of a photo of something else, is no finger', async t => {
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
})

t.test('images that are no images', async t => {
  const tooLarge = Buffer.from(good)
  tooLarge.writeUInt32BE(20_000, 16)
  tooLarge.writeUInt32BE(20_000, 20)
  const cases: [string, number, RegExp][] = [
    [save('large.png', tooLarge), 65, /larger than any fingerprint scan \(widthPx 20000, heightPx 20000\)/],
    [save('one.png', encodePng({ widthPx: 1, heightPx: 1, pixels: Uint8Array.of(0) })), 65, /too small/],
    [save('cut.png', good.subarray(0, 5000)), 65, /ends too early/],
    [save('empty.png', new Uint8Array(0)), 65, /it is empty/],
    [save('text.png', Buffer.from('hello')), 65, /no PNG, PGM, BMP or WSQ/],
    [file('nowhere.png'), 74, /no such file/],
    [folder, 74, /it is a folder/],
  ]
  for (const [name, code, about] of cases)
    for (const words of [
      ['finger', 'quality', name],
      ...(code === 74 ? [['finger', 'extract', name, '-o', file('out.iso')]] : []),
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

t.test('templates that are none', async t => {
  await cli('finger', 'extract', first, '-o', file('a.iso'))
  const whole = readFileSync(file('a.iso'))
  const hostile = Buffer.from(whole)
  hostile.writeUInt32BE(0xffffffff, 8)
  for (const [name, bytes] of [
    ['cut.iso', whole.subarray(0, whole.length - 1)],
    ['head.iso', whole.subarray(0, 11)],
    ['hostile.iso', hostile],
    ['photo.iso', good],
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
