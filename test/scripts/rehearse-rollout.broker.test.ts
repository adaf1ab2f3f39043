/**
 * Goal: a poisonous configuration stops at the few kiosks that get it first, these go back by themselves, and the
 * rehearsal that shows it says so in numbers and in its exit code.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'

t.setTimeout(240_000)

const program = join(import.meta.dirname, '../../scripts/rehearse-rollout')

async function rehearse(...words: string[]) {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', text => (out += text))
  child.stderr.setEncoding('utf8').on('data', text => (err += text))
  const [code] = await once(child, 'close')
  return { code, out, err }
}

t.test('20 kiosks, 10 % of them first', async t => {
  const { code, out, err } = await rehearse('--kiosks', '20', '--canary', '10', '--json')
  t.equal(code, 0, err)
  const lines = out
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
  t.match(
    lines.filter(({ outcome }) => outcome !== undefined),
    Array.from({ length: 2 }, () => ({
      version: 2,
      outcome: 'rolled-back',
      errors: [{ code: 'config/cut-off', where: 'broker.url' }],
    })),
  )
  const result = lines.find(({ step }) => step === 'result')
  t.match(result, { kept: 20, tried: 2, rolledBack: 2, neverSaw: 18, online: 20, ok: true })
  t.ok(result.connectionsToNowhere >= 2, 'they did go where the poison led')
})

t.test('numbers that make no rehearsal', async t => {
  for (const words of [['--kiosks', '1'], ['--kiosks', 'x'], ['--canary', '100'], ['--other']])
    t.equal((await rehearse(...words)).code, 64, words.join(' '))
})
