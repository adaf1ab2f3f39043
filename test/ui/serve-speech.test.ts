/** Goal: what is private is said to whoever listens alone, and to nobody else. */
import t from 'tap'
import { KioskError } from '../../src/base/errors.ts'
import { serve } from './served-page.ts'

t.test('what is private is said to one person only, and what is no phrase not at all', async t => {
  const said: string[] = []
  const wav = new Uint8Array(50).fill(7)
  const { say, listensAlone } = await serve(t, {
    render: async text => {
      said.push(text)
      return wav.slice()
    },
  })
  const phrase = { text: 'tiga satu', language: 'id', isPrivate: true }
  t.equal((await say(phrase)).status, 409)
  listensAlone(true)
  const heard = await say(phrase)
  t.match(heard, { status: 200, headers: { 'content-type': 'audio/wav', 'cache-control': 'no-store' } })
  t.equal(heard.body.length, wav.length)
  listensAlone(false)
  t.equal((await say(phrase)).status, 409)
  t.same(said, ['tiga satu'])
  t.equal((await say({ ...phrase, isPrivate: false, text: 'Mulai' })).status, 200)
  for (const change of [
    { text: '' },
    { text: 'x'.repeat(1001) },
    { language: 'xx' },
    { isPrivate: 1 },
    { more: 1 },
  ])
    t.equal((await say({ ...phrase, isPrivate: false, ...change })).status, 400)
})

t.test('headphones that are pulled out while it is made keep what is private unsaid', async t => {
  let pullOut = () => {}
  const { say, listensAlone } = await serve(t, {
    render: async () => {
      pullOut()
      return new Uint8Array(50)
    },
  })
  pullOut = () => listensAlone(false)
  listensAlone(true)
  t.equal((await say({ text: 'tiga satu', language: 'id', isPrivate: true })).status, 409)
})

t.test('who stops listening stops the voice, and a kiosk without one says so', async t => {
  let started = () => {}
  const startedOnce = new Promise<void>(resolve => {
    started = resolve
  })
  let stopped = () => {}
  const stoppedOnce = new Promise<void>(resolve => {
    stopped = resolve
  })
  const { url, json } = await serve(t, {
    render: (_text, _language, signal) =>
      new Promise((_, reject) => {
        started()
        signal.addEventListener('abort', () => {
          stopped()
          reject(new KioskError('speech/unavailable'))
        })
      }),
  })
  const phrase = { text: 'Mulai', language: 'id', isPrivate: false }
  const listener = new AbortController()
  const hearing = fetch(`${url}speech`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify(phrase),
    signal: listener.signal,
  })
  await startedOnce
  listener.abort()
  await t.rejects(hearing)
  await stoppedOnce
  const silent = await serve(t)
  t.equal((await silent.say(phrase)).status, 503)
})
