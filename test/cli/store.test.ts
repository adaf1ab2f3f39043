/**
 * Goal: records and outbox of a kiosk can be seen, carried away on a stick and settled from it, with a broker that
 * is never there; and the card of a dead kiosk gives its submissions up without its keys.
 * Method: the shipped command, kiosk's and ABIS's, on a folder of their own.
 */
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { writeCitizen } from '../support/finger-images.ts'
import { buildCli, oneLineAbout } from './built-cli.ts'

/** Nobody listens there: the outbox cannot empty itself. */
const NO_BROKER = 'mqtt://127.0.0.1:9'

t.test('from an enrolment without a network to its settlement', async t => {
  const folder = t.testdir()
  const tunggal = buildCli(join(folder, 'cli'))
  const data = join(folder, 'state')
  t.equal((await tunggal('keys', 'init', '--demo', '--data', data)).code, 0)
  const ids: string[] = []
  for (const seed of [1, 2]) {
    const images = await writeCitizen(join(folder, String(seed)), seed, 0, 2)
    const nik = `317101170885000${seed}`
    const words = ['enrol', '--images', images, '--nik', nik, '--data', data, '--broker', NO_BROKER, '--json']
    const enrolled = await tunggal(...words)
    t.equal(enrolled.code, 0, enrolled.err)
    t.same(
      enrolled.lines.map(({ status }) => status),
      ['BIO_CAPTURED', 'SENT_FOR_ENROLLMENT'],
    )
    ids.push(String(enrolled.lines[0].id))
  }

  const records = await tunggal('record', 'list', '--data', data, '--json')
  t.same(
    records.lines.map(({ id, sequence, status }) => [id, sequence, status]),
    [
      [ids[1], 2, 'SENT_FOR_ENROLLMENT'],
      [ids[0], 1, 'SENT_FOR_ENROLLMENT'],
    ],
    'newest first',
  )
  t.notMatch(records.out, /31710117088500/, 'no NIK')
  t.match(await tunggal('outbox', 'status', '--data', data, '--json'), {
    lines: [{ waiting: 2, setAside: 0, level: 'ok', findings: [] }],
  })

  const stick = join(folder, 'stick')
  const exported = await tunggal('outbox', 'export', stick, '--data', data, '--json')
  t.same(
    exported.lines.map(({ id }) => id),
    ids,
  )
  const again = await tunggal('outbox', 'export', stick, '--data', data, '--json')
  t.same(again.lines, exported.lines, 'the same files again')

  // A folder that is not its kiosk's, and bytes that are none: said, and in nobody's way.
  await cp(join(stick, 'kiosk-demo'), join(stick, 'kiosk-other'), { recursive: true })
  await writeFile(join(stick, 'kiosk-demo/0-junk.submission'), 'junk')
  const imported = await tunggal('abis', 'import', stick, '--data', data, '--json')
  t.equal(imported.code, 65)
  t.match(imported.err, /junk/)
  t.equal(imported.err.match(/kiosk-other/g)?.length, 2)
  t.same(
    imported.lines.map(line => [line.id, line.new]),
    ids.map(id => [id, true]),
  )
  await rm(join(stick, 'kiosk-other'), { recursive: true })
  await rm(join(stick, 'kiosk-demo/0-junk.submission'))
  const twice = await tunggal('abis', 'import', stick, '--data', data, '--json')
  t.match(twice, { code: 0, err: '' })
  t.same(
    twice.lines.map(line => [line.id, line.new]),
    ids.map(id => [id, false]),
    'copies have no second effect',
  )
  await writeFile(join(stick, 'a-forged.receipt'), 'not.a.receipt')
  const settled = await tunggal('outbox', 'import-receipts', stick, '--data', data, '--json')
  t.equal(settled.code, 65, 'the forged one is said')
  oneLineAbout(t, settled, /a-forged/)
  t.equal(settled.lines.length, 2, 'and does not keep the others')
  t.match(await tunggal('outbox', 'status', '--data', data, '--json'), { lines: [{ waiting: 0 }] })
  const settledAgain = await tunggal('outbox', 'import-receipts', stick, '--data', data, '--json')
  t.equal(settledAgain.lines.length, 2, 'may be repeated')
  t.match(await tunggal('record', 'show', ids[0], '--data', data, '--json'), { code: 0 })
  t.equal((await tunggal('record', 'show', 'nobody', '--data', data)).code, 64)
})

t.test("a dead kiosk's card, without its keys", async t => {
  const folder = t.testdir()
  const tunggal = buildCli(join(folder, 'cli'))
  const data = join(folder, 'state')
  await tunggal('keys', 'init', '--demo', '--data', data)
  const images = await writeCitizen(join(folder, 'images'), 3, 0, 2)
  const words = [
    'enrol',
    '--images',
    images,
    '--nik',
    '3171011708850003',
    '--data',
    data,
    '--broker',
    NO_BROKER,
  ]
  t.equal((await tunggal(...words)).code, 0)
  const keys = join(data, 'keys/kiosk')
  for (const name of await readdir(keys)) {
    if (!/key/.test(name)) continue
    await chmod(join(keys, name), 0o600)
    await rm(join(keys, name))
  }
  const stick = join(folder, 'stick')
  const drained = await tunggal('outbox', 'export', stick, '--from', data, '--json')
  t.equal(drained.code, 0, drained.err)
  t.equal(drained.lines.length, 1)
  const file = `0000000001-${drained.lines[0].id}`
  t.same(await readdir(join(stick, 'kiosk-demo')), [`${file}.submission`])
  // LevelDB does not open what it cannot lock: as on a card that is read-only.
  await rm(join(data, 'store/LOCK'))
  await mkdir(join(data, 'store/LOCK'))
  const readOnly = await tunggal('outbox', 'export', join(folder, 'other'), '--from', data, '--json')
  t.equal(readOnly.code, 0, readOnly.err)
  t.same(await readdir(join(folder, 'other/kiosk-demo')), [`${file}.submission`])
  t.match(await tunggal('abis', 'import', stick, '--data', data, '--json'), {
    code: 0,
    lines: [{ id: drained.lines[0].id, kiosk: 'kiosk-demo', new: true }],
  })
  t.same(await readdir(join(stick, 'kiosk-demo')), [`${file}.receipt`, `${file}.submission`])
})

t.test('consent is withdrawn before anything has left', async t => {
  const folder = t.testdir()
  const tunggal = buildCli(join(folder, 'cli'))
  const data = join(folder, 'state')
  await tunggal('keys', 'init', '--demo', '--data', data)
  const images = await writeCitizen(join(folder, 'images'), 4, 0, 2)
  const words = [
    'enrol',
    '--images',
    images,
    '--nik',
    '3171011708850004',
    '--data',
    data,
    '--broker',
    NO_BROKER,
  ]
  const { lines } = await tunggal(...words, '--json')
  const withdrawn = await tunggal('record', 'withdraw', String(lines[0].id), '--data', data, '--json')
  t.match(withdrawn, { code: 0, lines: [{ mayBeCentral: false }] }, withdrawn.err)
  t.match(await tunggal('outbox', 'status', '--data', data, '--json'), { lines: [{ waiting: 0 }] })
})

t.test('withdrawals travel on the stick, behind what they are about', async t => {
  const folder = t.testdir()
  const tunggal = buildCli(join(folder, 'cli'))
  const data = join(folder, 'state')
  await tunggal('keys', 'init', '--demo', '--data', data)
  const stick = join(folder, 'stick')
  const enrol = async (person: number) => {
    const images = await writeCitizen(join(folder, String(person)), person, 0, 1)
    const nik = `317101170885002${person}`
    const words = ['--images', images, '--nik', nik, '--data', data, '--broker', NO_BROKER, '--json']
    return String((await tunggal('enrol', ...words)).lines[0].id)
  }
  const neverSent = await enrol(1)
  const sent = await enrol(2)
  t.equal((await tunggal('record', 'withdraw', neverSent, '--data', data)).code, 0)
  await tunggal('outbox', 'export', stick, '--data', data)
  t.equal((await tunggal('record', 'withdraw', sent, '--data', data)).code, 0)
  const exported = await tunggal('outbox', 'export', stick, '--data', data, '--json')
  t.match(exported.lines, [
    { id: sent, sequence: 2 },
    { id: neverSent, event: 1 },
    { id: sent, event: 2 },
  ])
  const drained = await tunggal('outbox', 'export', join(folder, 'card'), '--from', data, '--json')
  t.equal(drained.lines.length, 3, 'the card of a dead board gives them up too')

  const [{ file }] = exported.lines
  const body = await readFile(String(file))
  await writeFile(String(file), 'damaged on the way')
  const damaged = await tunggal('abis', 'import', stick, '--data', data, '--json')
  t.equal(damaged.code, 65)
  t.match(damaged.err, /its submission was not taken/)
  t.same(
    damaged.lines.map(({ id }) => id),
    [neverSent],
  )
  await writeFile(String(file), body)
  const imported = await tunggal('abis', 'import', stick, '--data', data, '--json')
  t.match(imported, { code: 0, err: '', lines: [{ id: sent, new: true }, { event: true }, { event: true }] })
  const settled = await tunggal('outbox', 'import-receipts', stick, '--data', data, '--json')
  t.match(settled, { code: 0, err: '' })
  t.equal(settled.lines.length, 3)
  t.same((await tunggal('outbox', 'export', join(folder, 'empty'), '--data', data, '--json')).lines, [])
})

t.test('an ABIS goes back to its backup, and takes again what came after it', async t => {
  const folder = t.testdir()
  const tunggal = buildCli(join(folder, 'cli'))
  const data = join(folder, 'state')
  await tunggal('keys', 'init', '--demo', '--data', data)
  const stick = join(folder, 'stick')
  const enrolAndImport = async (person: number) => {
    const images = await writeCitizen(join(folder, String(person)), person, 0, 1)
    const nik = `317101170885001${person}`
    const words = ['--images', images, '--nik', nik, '--data', data, '--broker', NO_BROKER]
    t.equal((await tunggal('enrol', ...words)).code, 0)
    await tunggal('outbox', 'export', stick, '--data', data)
    return await tunggal('abis', 'import', stick, '--data', data, '--json')
  }
  await enrolAndImport(1)
  const backup = join(folder, 'backup')
  t.match(await tunggal('abis', 'backup', backup, '--data', data, '--json'), { code: 0, err: '' })
  t.equal((await tunggal('abis', 'backup', backup, '--data', data)).code, 74, 'no backup is overwritten')
  t.same(
    (await enrolAndImport(2)).lines.map(line => line.new),
    [false, true],
  )
  const restored = await tunggal('abis', 'restore', backup, '--data', data, '--json')
  t.match(restored, { code: 0, err: '' })
  t.match(String(restored.lines[0].before), /state\/abis\.before-/)
  const again = await tunggal('abis', 'import', stick, '--data', data, '--json')
  t.same(
    again.lines.map(line => line.new),
    [false, true],
    'yesterday is here, today is taken again',
  )
  await writeFile(backup, 'not a backup')
  oneLineAbout(t, await tunggal('abis', 'restore', backup, '--data', data), /ends too early/)
})
