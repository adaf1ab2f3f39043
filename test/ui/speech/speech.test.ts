/**
 * Goal: everything on screen can be heard, nobody's data stays in memory or shows among the processes, and a
 * kiosk without a voice is silent, not broken.
 */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { silentLog } from '../../../src/base/log.ts'
import type { VisitLanguage } from '../../../src/record/visit-view.ts'
import { Espeak } from '../../../src/ui/speech/espeak.ts'
import { Speech } from '../../../src/ui/speech/speech.ts'
import { pageTexts } from '../../../src/ui/texts/texts.ts'

const never = new AbortController().signal
const phrase = (text: string, isPrivate = false) => ({ text, language: 'id' as const, isPrivate })

/** Says how often and what it was asked; each phrase is as long as the test wants. */
function countingSpeaker(bytes = 100) {
  const asked: string[] = []
  const render = async (text: string) => {
    asked.push(text)
    return new Uint8Array(bytes)
  }
  return { asked, render }
}

function durationS(wav: Uint8Array): number {
  const view = new DataView(wav.buffer, wav.byteOffset)
  return view.getUint32(40, true) / view.getUint32(28, true)
}

t.test('espeak-ng speaks both languages, each its own way', async t => {
  const espeak = new Espeak()
  const said = new Map<VisitLanguage, Uint8Array>()
  for (const language of ['id', 'en'] as const) {
    const wav = await espeak.render(pageTexts.id.placeHint, language, never)
    said.set(language, wav)
    t.equal(Buffer.from(wav.subarray(0, 4)).toString(), 'RIFF')
    t.equal(new DataView(wav.buffer, wav.byteOffset).getUint32(4, true), wav.length - 8)
    t.ok(durationS(wav) > 1 && durationS(wav) < 15, `${durationS(wav)} s`)
    t.ok(
      wav.subarray(44).some(byte => byte !== 0),
      'there is sound in it',
    )
  }
  t.notSame(said.get('id'), said.get('en'))
})

t.test('what is said is not among the arguments of a process', async t => {
  const folder = t.testdir()
  const program = join(folder, 'listener')
  writeFileSync(
    program,
    `#!/bin/sh\ncat > ${folder}/text\necho "$@" > ${folder}/arguments\nhead -c 100 /dev/zero\n`,
  )
  chmodSync(program, 0o755)
  await new Espeak(program).render('tiga satu tujuh satu [[x]]', 'id', never)
  t.equal(readFileSync(join(folder, 'text'), 'utf8'), 'tiga satu tujuh satu ((x))')
  t.notMatch(readFileSync(join(folder, 'arguments'), 'utf8'), 'tujuh')
})

t.test('a voice that is missing, fails, or speaks without end is none', async t => {
  const folder = t.testdir()
  const program = (name: string, body: string) => {
    const path = join(folder, name)
    writeFileSync(path, `#!/bin/sh\n${body}\n`)
    chmodSync(path, 0o755)
    return new Espeak(path)
  }
  const unavailable = { code: 'speech/unavailable' }
  await t.rejects(new Espeak('/nowhere/espeak-ng').render('a', 'id', never), {
    ...unavailable,
    details: { why: 'ENOENT' },
  })
  await t.rejects(program('fails', 'exit 3').render('a', 'id', never), unavailable)
  await t.rejects(program('empty', 'exit 0').render('a', 'id', never), unavailable)
  await t.rejects(program('endless', 'exec cat /dev/zero').render('a', 'id', never), unavailable)
  const stop = new AbortController()
  const hanging = program('hangs', 'exec sleep 60').render('a', 'id', stop.signal)
  stop.abort()
  await t.rejects(hanging, unavailable)
})

t.test('what everybody hears is made once, what one person hears is forgotten', async t => {
  const speaker = countingSpeaker()
  const speech = new Speech({ speaker, log: silentLog })
  for (let times = 0; times < 3; times++) await speech.say(phrase('Mulai'), never)
  t.equal(speaker.asked.length, 1)
  for (let times = 0; times < 3; times++) await speech.say(phrase('3 1 7 1', true), never)
  t.equal(speaker.asked.length, 4)
})

t.test('the memory of phrases has an end, and the oldest goes first', async t => {
  const speaker = countingSpeaker(5 * 1024 * 1024)
  const speech = new Speech({ speaker, log: silentLog })
  for (const text of ['a', 'b', 'c', 'a', 'd', 'a']) await speech.say(phrase(text), never)
  t.same(speaker.asked, ['a', 'b', 'c', 'd'])
  await speech.say(phrase('b'), never)
  t.equal(speaker.asked.length, 5, 'b had to go, and is made again')
})

t.test('one phrase is made at a time, a few wait, and more are refused', async t => {
  let underWay = 0
  let most = 0
  const release: (() => void)[] = []
  const render = async () => {
    most = Math.max(most, ++underWay)
    await new Promise<void>(resolve => release.push(resolve))
    underWay--
    return new Uint8Array(50)
  }
  const speech = new Speech({ speaker: { render }, log: silentLog })
  const said = ['a', 'b', 'c', 'd', 'e', 'f'].map(text => speech.say(phrase(text), never))
  t.equal(await said[4], undefined)
  t.equal(await said[5], undefined)
  for (let made = 0; made < 4; made++) {
    while (release.length === 0) await new Promise(resolve => setImmediate(resolve))
    release.shift()!()
    t.equal((await said[made])?.length, 50)
  }
  t.equal(most, 1)
})

t.test('a voice that breaks down unforeseen may be asked again', async t => {
  let breaks = true
  const render = async () => {
    if (breaks) throw new Error('unforeseen')
    return new Uint8Array(50)
  }
  const speech = new Speech({ speaker: { render }, log: silentLog })
  for (let times = 0; times < 6; times++) await t.rejects(speech.say(phrase('Mulai'), never), /unforeseen/)
  breaks = false
  t.equal((await speech.say(phrase('Mulai'), never))?.length, 50)
})

t.test('a kiosk without a voice says so once', async t => {
  const warnings: string[] = []
  const speech = new Speech({
    speaker: new Espeak('/nowhere/espeak-ng'),
    log: { ...silentLog, warn: event => warnings.push(event) },
  })
  for (let times = 0; times < 3; times++) t.equal(await speech.say(phrase('Mulai'), never), undefined)
  t.same(warnings, ['speech-unavailable'])
})
