/**
 * Goal: an operator makes, adds, takes back and renews keys with four commands, and is told in one
 * line what was wrong; nothing that a command prints is a secret.
 * Method: the commands in this process, on folders of their own; the bundled one once, because what it
 * loads, and in which order, is the bundler's.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { newContext } from '../../src/cli/context.ts'
import { parseCommandLine } from '../../src/cli/options.ts'
import { registry } from '../../src/cli/registry.ts'
import { requestKeyOf } from '../../src/keys/claim/own-key.ts'
import { openAbisKeys, openKioskKeys } from '../../src/keys/file-key-store.ts'
import { newKey } from '../../src/keys/pem.ts'
import { makeRequest } from '../../src/keys/request.ts'
import { type Answer, buildCli } from './built-cli.ts'

const data = t.testdir({ cli: {} })
const [site, demo] = [join(data, 'site'), join(data, 'demo')]

async function cli(...words: string[]): Promise<Answer> {
  const title = words.slice(0, 2).join(' ')
  let [out, err] = ['', '']
  const streams = {
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
  }
  const json = words.includes('--json')
  const context = newContext(streams, { title, json, signal: new AbortController().signal })
  const run = async () => {
    const command = await registry[title]()
    const { options, args } = parseCommandLine(command, words.slice(2))
    return command.run(context, options, args)
  }
  const code = await run().catch(error => context.failed(error))
  const lines = json ? out.split('\n').filter(line => line !== '') : []
  return { code, out, err, lines: lines.map(line => JSON.parse(line)) }
}

t.test('the bundled command makes keys', async t => {
  const bundled = buildCli(join(data, 'cli'))
  const { code, lines, err } = await bundled('keys', 'init', '--demo', '--data', join(data, 'b'), '--json')
  t.equal(code, 0, err)
  t.equal(lines.length, 7)
  t.equal((await openKioskKeys(join(data, 'b/keys/kiosk'))).name, 'kiosk-demo')
})

t.test('keys init', async t => {
  const { code, lines, err } = await cli('keys', 'init', '--data', site, '--json')
  t.equal(code, 0, err)
  t.same(
    lines.map(({ name }) => name),
    ['root', 'kiosk-ca', 'abis-central', 'ops-central', 'updates-central'],
  )
  t.match(lines[1], {
    folder: join(site, 'keys/kiosk-ca'),
    serialNumber: /^[0-9A-F]{32}$/,
    validTo: /^20\d\d-/,
  })
  const again = await cli('keys', 'init', '--data', site)
  t.equal(again.code, 78)
  t.equal(
    again.err,
    `tunggal keys init: ${join(site, 'keys')}: There are keys in this folder already [keys/exists]\n`,
  )
  t.equal((await cli('keys', 'init')).code, 64)
  t.equal((await cli('keys', 'init', '--data', demo, '--kiosk', 'kiosk-0001')).code, 64)
  t.equal((await cli('keys', 'init', '--data', join(data, 'x'), '--abis', 'A')).code, 78)
})

t.test('keys init --demo', async t => {
  const { code, out, err } = await cli('keys', 'init', '--demo', '--data', demo, '--kiosk', 'kiosk-0001')
  t.equal(code, 0, err)
  t.equal(out.trimEnd().split('\n').length, 7)
  t.match(out, /^kiosk-0001 +until \d{4}-\d\d-\d\d {2}\//m)
  t.equal((await openKioskKeys(join(demo, 'keys/kiosk'))).name, 'kiosk-0001')
  for (const secret of ['kiosk/key.pem', 'kiosk/data.key']) {
    const bytes = await readFile(join(demo, 'keys', secret))
    t.notOk(out.includes(bytes.toString('base64')) || out.includes(bytes.toString('hex')))
  }
  t.notMatch(out, /PRIVATE/)
})

t.test('keys issue', async t => {
  const made = await cli('keys', 'issue', 'kiosk-0002', '--data', site, '--json')
  t.equal(made.code, 0, made.err)
  t.match(made.lines, [{ name: 'kiosk-0002', folder: join(site, 'keys/kiosk-0002') }])
  t.equal((await openKioskKeys(join(site, 'keys/kiosk-0002'))).name, 'kiosk-0002')

  const own = newKey()
  const csr = join(data, 'request.pem')
  await writeFile(csr, await makeRequest('kiosk-0003', requestKeyOf(own.key)))
  const out = join(data, 'for-kiosk-0003')
  const asked = await cli('keys', 'issue', 'kiosk-0003', '--data', site, '--csr', csr, '-o', out)
  t.equal(asked.code, 0, asked.err)
  t.match(await readFile(join(out, 'certificate.pem'), 'utf8'), /BEGIN CERTIFICATE/)

  const hosts = ['--host', 'broker.example.org', '--host', '192.0.2.1']
  const broker = await cli('keys', 'issue', 'broker', '--data', site, '--role', 'broker', ...hosts)
  t.equal(broker.code, 0, broker.err)

  const wrong: [number, RegExp, string[]][] = [
    [78, /keys\/exists/, ['kiosk-0002']],
    [78, /keys\/bad-name/, ['Kiosk']],
    [78, /keys\/bad-name/, ['../../kiosk']],
    [78, /keys\/bad-name/, ['abis-central-2']],
    [78, /keys\/bad-request/, ['kiosk-0004', '--csr', csr]],
    [74, /io\/unreadable/, ['kiosk-0004', '--csr', join(data, 'nothing')]],
    [64, /needs --host/, ['broker-2', '--role', 'broker']],
    [64, /--host belongs/, ['kiosk-0004', '--host', 'x']],
    [64, /NAME is missing/, []],
  ]
  for (const [code, message, words] of wrong) {
    const answer = await cli('keys', 'issue', ...words, '--data', site)
    t.equal(answer.code, code, words.join(' '))
    t.match(answer.err, message)
    t.equal(answer.err.trimEnd().split('\n').length, 1)
  }
  t.match((await cli('keys', 'issue', 'kiosk-0004', '--data', data)).err, /keys\/missing/)
})

t.test('keys revoke', async t => {
  const { certificate } = await openKioskKeys(join(site, 'keys/kiosk-0002'))
  const revoked = await cli('keys', 'revoke', 'kiosk-0002', '--reason', 'lost', '--data', site, '--json')
  t.equal(revoked.code, 0, revoked.err)
  t.match(revoked.lines, [{ name: 'kiosk-0002', serialNumber: certificate.serialNumber, reason: 'lost' }])
  t.ok((await openAbisKeys(join(site, 'keys/abis'))).isRevoked(certificate.serialNumber))
  const again = await cli('keys', 'revoke', 'kiosk-0002', '--reason', 'lost', '--data', site)
  t.equal(again.code, 0)
  t.match(again.out, /no certificate left/)
  const unknown = await cli('keys', 'revoke', 'kiosk-0099', '--reason', 'lost', '--data', site)
  t.equal(unknown.code, 78)
  t.match(unknown.err, /keys\/unknown-name/)
  t.equal((await cli('keys', 'revoke', 'kiosk-0002', '--data', site)).code, 64)
  const byRoot = await cli('keys', 'revoke', 'broker', '--by', 'root', '--reason', 'retired', '--data', site)
  t.equal(byRoot.code, 0, byRoot.err)
})

t.test('keys rotate', async t => {
  const before = await openKioskKeys(join(demo, 'keys/kiosk'))
  t.equal((await cli('keys', 'rotate', 'kiosk', '--data', demo)).code, 0)
  const after = await openKioskKeys(join(demo, 'keys/kiosk'))
  t.not(after.certificate.serialNumber, before.certificate.serialNumber)
  const { code, lines, err } = await cli('keys', 'rotate', 'abis', '--data', demo, '--json')
  t.equal(code, 0, err)
  const abis = await openAbisKeys(join(demo, 'keys/abis'))
  t.ok(abis.decryptionKey(lines[0].kid as string))
  t.ok(abis.decryptionKey(before.abis.kid))
  t.equal((await cli('keys', 'rotate', 'root', '--data', demo)).code, 64)
})
