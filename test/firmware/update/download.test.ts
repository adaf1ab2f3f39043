/** Goal: a bundle arrives whole or not at all, however often the way breaks, and whatever the server says. */
import { createHash, randomBytes } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { download } from '../../../firmware/update/download.ts'
import { systemClock } from '../../../src/base/clock.ts'

const content = randomBytes(1_500_000)
const sha256 = createHash('sha256').update(content).digest('hex')

async function world(t: Test, answer: (from: number, response: ServerResponse) => void) {
  const asked: number[] = []
  const server = createServer((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    asked.push(from)
    answer(from, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const file = join(t.testdir(), 'bundle')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/b`
  const progress: number[] = []
  const bring = (wanted = { url, bytes: content.length, sha256 }) =>
    download(wanted, {
      file,
      authorities: [],
      bytesPerSecondMax: 1e9,
      clock: systemClock,
      signal: new AbortController().signal,
      onProgress: bytes => progress.push(bytes),
    })
  return { asked, file, bring, url, progress }
}

function send(from: number, response: ServerResponse, to = content.length): void {
  const range = { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }
  response.writeHead(from > 0 ? 206 : 200, from > 0 ? range : {})
  response.write(content.subarray(from, to), () =>
    to < content.length ? response.destroy() : response.end(),
  )
}

t.test('a way that breaks: it goes on where it was', async t => {
  const { asked, file, bring, progress } = await world(t, (from, response) =>
    send(from, response, Math.min(from + 400_000, content.length)),
  )
  let broken = 0
  const isHere = () =>
    bring().then(
      () => true,
      error => {
        t.match(error, { code: 'update/unreachable' })
        broken++
        return false
      },
    )
  while (broken < 20 && !(await isHere())) {}
  t.same(await readFile(file), content)
  t.ok(broken >= 2, `${broken} times`)
  t.same(
    asked,
    [...asked].sort((a, b) => a - b),
    'never back',
  )
  const { length } = asked
  t.equal(progress.at(-1), content.length)
  await bring()
  t.equal(asked.length, length, 'what is here is not brought again')
})

t.test('the plug was pulled: the last bytes of what is here are not believed', async t => {
  const { asked, file, bring } = await world(t, send)
  const part = Buffer.from(content.subarray(0, 700_000))
  part.fill(0, part.length - 256 * 1024)
  await writeFile(`${file}.part`, part)
  await bring()
  t.same(await readFile(file), content)
  t.same(asked, [700_000 - 256 * 1024], 'and no more of it is brought again')
})

t.test('a server without ranges', async t => {
  const { file, bring } = await world(t, (_, response) => response.end(content))
  await writeFile(`${file}.part`, content.subarray(0, 600_000))
  await bring()
  t.same(await readFile(file), content)
})

t.test('other bytes', async t => {
  const other = Buffer.from(content)
  other[7] ^= 1
  const wrong = await world(t, (_, response) => response.end(other))
  await t.rejects(wrong.bring(), { code: 'update/other-hash' })
  await t.rejects(stat(wrong.file), { code: 'ENOENT' })
  await t.rejects(stat(`${wrong.file}.part`), { code: 'ENOENT' }, 'nothing of it is kept')
  const endless = await world(t, (_, response) => {
    const more = () => response.write(content, more)
    more()
  })
  await t.rejects(endless.bring(), { code: 'update/other-hash' }, 'more than was said is not taken')
  const shifted = await world(t, (from, response) => send(from === 0 ? 0 : from + 1, response))
  await writeFile(`${shifted.file}.part`, content.subarray(0, 600_000))
  await t.rejects(shifted.bring(), { code: 'update/unreachable' }, 'another range than was asked for')
})

t.test('a server that says no, and one that is not there', async t => {
  const { bring } = await world(t, (_, response) => response.writeHead(404).end())
  await t.rejects(bring(), { code: 'update/unreachable', details: { reason: 'the server answers 404' } })
  await t.rejects(bring({ url: 'http://127.0.0.1:9/', bytes: 1, sha256 }), { code: 'update/unreachable' })
})

t.test('what is left on the disk from another bundle', async t => {
  const { file, bring } = await world(t, send)
  await writeFile(file, 'another')
  await writeFile(`${file}.part`, randomBytes(2_000_000))
  await bring()
  t.same(await readFile(file), content)
})
