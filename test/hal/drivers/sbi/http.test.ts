import t from 'tap'
import { encodeRequest, ResponseReader } from '../../../../hal/drivers/sbi/http.ts'
import { Random } from '../../../../src/finger/synthetic/random.ts'

const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const BODY_MAX = 1000

/** The body, and whether the answer was whole; cut where `cutAt` says. */
function read(text: string, cutAt: readonly number[] = [], ends = true) {
  const reader = new ResponseReader(BODY_MAX)
  const bytes = bytesOf(text)
  const body: Uint8Array[] = []
  let from = 0
  for (const to of [...cutAt, bytes.length]) {
    body.push(...reader.push(bytes.subarray(from, to)))
    from = to
  }
  const isWhole = ends ? reader.end() : reader.isDone
  return { isWhole, body: Buffer.concat(body).toString('latin1'), head: reader.head }
}

t.test('a request, byte for byte', async t => {
  t.equal(
    Buffer.from(
      encodeRequest({ verb: 'MOSIPDISC', path: '/device', port: 4501, body: { type: 'Finger' } }),
    ).toString(),
    'MOSIPDISC /device HTTP/1.1\r\nHost: 127.0.0.1:4501\r\nEXT: tunggal\r\nContent-Type: application/json\r\n' +
      'Content-Length: 17\r\nConnection: close\r\n\r\n{"type":"Finger"}',
  )
  t.match(
    Buffer.from(encodeRequest({ verb: 'MOSIPDINFO', path: '/info', port: 4501 })).toString(),
    /^MOSIPDINFO \/info HTTP\/1\.1\r\n.*Content-Length: 0\r\n.*\r\n\r\n$/s,
  )
  t.match(
    Buffer.from(encodeRequest({ verb: 'STREAM', path: '/stream', port: 4501, body: { é: 'ü' } })).toString(),
    /Content-Length: 11\r\n/,
    'in bytes',
  )
})

const answers: Readonly<Record<string, readonly [string, string]>> = {
  'a length': ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'hello'],
  'a length, and line ends after it': ['HTTP/1.1 200 OK\r\nContent-Length:5\r\n\r\nhello\r\n\r\n', 'hello'],
  nothing: ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', ''],
  'until the end': ['HTTP/1.0 200 OK\r\n\r\nhello', 'hello'],
  chunks: [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nA: b\r\n\r\n',
    'hello',
  ],
  'bare line feeds': ['HTTP/1.1 405 OK\nCONTENT-LENGTH: 5\n\nhello', 'hello'],
}

t.test('answers are read wherever they are cut', async t => {
  for (const [name, [text, body]] of Object.entries(answers)) {
    for (let cut = 0; cut <= text.length; cut++)
      t.match(read(text, [cut]), { isWhole: true, body }, `${name}, cut at ${cut}`)
    t.match(
      read(
        text,
        Array.from({ length: text.length }, (_, i) => i),
      ),
      { isWhole: true, body },
      `${name}, byte by byte`,
    )
  }
  t.same(read('HTTP/1.1 200 OK\r\nContent-Type: Multipart/X-Mixed-Replace; boundary=b\r\n\r\n').head, {
    status: 200,
    contentType: 'multipart/x-mixed-replace',
  })
})

t.test('half an answer is not whole', async t => {
  for (const [name, [text]] of Object.entries(answers)) {
    if (name === 'until the end') continue
    const headEnds = /\r?\n\r?\n/.exec(text)!.index
    for (const length of [0, 1, headEnds, headEnds + 1])
      t.equal(read(text.slice(0, length)).isWhole, false, `${name}, ${length} bytes`)
  }
  t.equal(read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell').isWhole, false)
  t.equal(read('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n').isWhole, false)
})

t.test('what is no answer, or longer than any can be, is refused at once', async t => {
  const refused: Readonly<Record<string, string>> = {
    'no HTTP': 'SSH-2.0-OpenSSH\r\n\r\n',
    'a status that is none': 'HTTP/1.1 999 OK\r\n\r\n',
    'HTTP/2': 'HTTP/2 200 OK\r\n\r\n',
    'a header without a name': 'HTTP/1.1 200 OK\r\n: x\r\n\r\n',
    'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n',
    'a negative length': 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
    'a length beyond the limit': `HTTP/1.1 200 OK\r\nContent-Length: ${BODY_MAX + 1}\r\n\r\n`,
    'a body beyond the limit': `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(BODY_MAX + 1)}`,
    'chunks beyond the limit': `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n${'x'.repeat(1001)}`,
    'a compressed body': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n',
    'a chunk without a length': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n',
    'a chunk that is longer': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n',
    'a head without an end': `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(10_000)}`,
    'a line without an end': `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'0'.repeat(1000)}`,
    'trailers without an end': `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'a: b\r\n'.repeat(100)}`,
  }
  for (const [name, text] of Object.entries(refused))
    t.throws(() => read(text), { code: 'hal/bad-answer' }, name)
})

/**
 * Goal: no stream of bytes crashes the reader, gives more body than its limit, or is a whole answer by accident.
 * Method: answers with bytes changed, cut out and put in, cut into pieces of any size.
 */
t.test('20,000 mutated answers', async t => {
  const random = new Random(45)
  const texts = Object.values(answers).map(([text]) => text)
  let whole = 0
  for (let i = 0; i < 20_000; i++) {
    let text = texts[random.below(texts.length)]
    for (let change = random.below(4); change > 0; change--) {
      const at = random.below(text.length + 1)
      const piece = String.fromCharCode(...Array.from({ length: random.below(4) }, () => random.below(256)))
      text = text.slice(0, at) + piece + text.slice(at + random.below(4))
    }
    try {
      const { isWhole, body } = read(
        text,
        [random.below(text.length + 1)].filter(cut => cut < text.length),
      )
      if (body.length > BODY_MAX) t.fail('a body above the limit')
      if (isWhole) whole++
    } catch (cause) {
      if ((cause as { code?: string }).code !== 'hal/bad-answer') t.fail(`it threw ${cause}`, { text })
    }
  }
  t.ok(whole > 1000, 'the mutations leave some answers whole')
})
