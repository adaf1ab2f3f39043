/**
 * Goal: the two commands of the README do what it says, and a wrong word gets one clear line.
 * Method: the command itself, as a process, on synthetic fingers and (where there are images) on real ones.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { dataTest } from '../support/data.ts'
import { writeCitizen } from '../support/finger-images.ts'

t.setTimeout(180_000)

const root = join(import.meta.dirname, '../..')

interface Run {
  code: number
  lines: { id: string; status: string; at: string; duplicateOf?: string }[]
  errors: string
}

function demo(...words: string[]): Promise<Run> {
  return new Promise(resolve => {
    execFile(join(root, 'scripts/demo'), words, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : 0
      const lines = stdout.split('\n').filter(line => line.startsWith('{'))
      resolve({ code, lines: lines.map(line => JSON.parse(line)), errors: stderr })
    })
  })
}

const WAY = ['BIO_CAPTURED', 'SENT_FOR_ENROLLMENT', 'RECEIVED_AT_CENTRAL']
const way = ({ lines }: Run) => lines.map(({ status }) => status)

t.test('one synthetic citizen becomes print-ready', async t => {
  const data = join(t.testdir(), 'state')
  const run = await demo('--once', '--json', '--data', data)
  t.same(way(run), [...WAY, 'PRINT_READY_RECORD'])
  t.equal(run.code, 0, run.errors)
  t.equal(new Set(run.lines.map(({ id }) => id)).size, 1)
  t.match(run.errors, run.lines[0].id.slice(0, 20), 'the receipt names the record')
  const picture = /Receipt as a picture: (.*)/.exec(run.errors)?.[1] ?? ''
  t.same([...(await readFile(picture)).subarray(1, 4)], [...Buffer.from('PNG')])
})

/** Three enrolments on one data folder: first, again under another number, somebody else. */
async function threeEnrolments(t: Test, data: string, folders: [string, string, string]): Promise<void> {
  const enrol = (images: string, nik: string) =>
    demo('--once', '--json', '--images', images, '--nik', nik, '--data', data)
  const first = await enrol(folders[0], '3171011708850001')
  t.same(way(first), [...WAY, 'PRINT_READY_RECORD'])
  t.equal(first.code, 0, first.errors)
  const again = await enrol(folders[1], '3171011708850002')
  t.same(way(again), [...WAY, 'DUPLICATE_RECORD'])
  t.equal(again.code, 1, again.errors)
  t.equal(again.lines.at(-1)?.duplicateOf, first.lines[0].id)
  const other = await enrol(folders[2], '3171011708850003')
  t.same(way(other), [...WAY, 'PRINT_READY_RECORD'])
  t.equal(other.code, 0, other.errors)
}

t.test('synthetic fingers from files: print-ready, duplicate, print-ready', async t => {
  const folder = t.testdir()
  await threeEnrolments(t, join(folder, 'state'), [
    await writeCitizen(join(folder, '1'), 501, 1),
    await writeCitizen(join(folder, '2'), 501, 2),
    await writeCitizen(join(folder, '3'), 502, 1),
  ])
})

dataTest('real fingers from files: print-ready, duplicate, print-ready', async (t: Test, data: string) => {
  const folder = t.testdir()
  const copy = async (name: string, set: string, impression: number) => {
    await mkdir(join(folder, name))
    for (let finger = 101; finger <= 110; finger++) {
      const image = `${finger}_${impression}.png`
      await copyFile(join(data, set, image), join(folder, name, image))
    }
    return join(folder, name)
  }
  await threeEnrolments(t, join(folder, 'state'), [
    await copy('1', 'fvc2002_db1_b', 1),
    await copy('2', 'fvc2002_db1_b', 2),
    await copy('3', 'fvc2002_db3_b', 1),
  ])
})

t.test('wrong input gets one line and its exit code', async t => {
  const folder = t.testdir()
  const images = await writeCitizen(join(folder, 'images'), 503, 0, 1)
  const notImages = join(folder, 'not-images')
  await mkdir(notImages)
  await writeFile(join(notImages, 'a.txt'), 'not an image')
  const empty = join(folder, 'empty')
  await mkdir(empty)
  const cases: [string[], number, RegExp][] = [
    [['--once', '--nik', '317101170885000'], 64, /16 digits/],
    [['--once', '--images', notImages], 65, /a\.txt/],
    [['--once', '--images', empty], 64, /0 files/],
    [['--once', '--images', join(folder, 'nowhere')], 74, /no such file/],
    [['--images', images], 64, /--once/],
    [['--twice'], 64, /--twice/],
  ]
  for (const [words, code, text] of cases) {
    const run = await demo(...words, '--data', join(folder, 'state'))
    t.equal(run.code, code, `${words.join(' ')}: ${run.errors}`)
    const said = run.errors.split('\n').filter(line => line.startsWith('scripts/demo:'))
    t.equal(said.length, 1, 'one line')
    t.match(said[0], text)
    t.same(run.lines, [])
  }
})
