/** Goal: only who was let in comes in, with their own password, for as long as they may; and it is written down. */
import t from 'tap'
import { silentLog } from '../../../src/base/log.ts'
import { Attempts } from '../../../src/fleet/room/attempts.ts'
import { keyOf, type RoomAuditEntry } from '../../../src/fleet/room/layout.ts'
import { mayAs } from '../../../src/fleet/room/roles.ts'
import { Sessions } from '../../../src/fleet/room/sessions.ts'
import { UserBook } from '../../../src/fleet/room/users.ts'
import { AuditChain } from '../../../src/kv/audit-chain.ts'
import { MemoryDisk, openMemoryKv } from '../../../src/kv/memory.ts'
import { ManualClock } from '../../support/manual-clock.ts'

t.test('users, their passwords, and what is kept of those', async t => {
  const disk = new MemoryDisk()
  const clock = new ManualClock()
  const open = async () => {
    const kv = openMemoryKv(disk)
    const audit = await AuditChain.open<RoomAuditEntry>(kv, keyOf.audit)
    return { kv, audit, users: await UserBook.open(kv, audit, clock) }
  }
  let { users, audit } = await open()
  const first = await users.add({ name: 'sari', role: 'operator', by: 'root' })
  t.match(first, /^[2-9a-z]{5}(-[2-9a-z]{5}){3}$/)
  await t.rejects(users.add({ name: 'sari', role: 'viewer', by: 'root' }), { code: 'fleet/user-exists' })
  t.match(await users.whose('sari', first), { name: 'sari', role: 'operator' })
  t.equal(await users.whose('sari', `${first}x`), undefined)
  t.equal(await users.whose('budi', first), undefined)
  await users.changePassword('sari', 'another long one')
  ;({ users, audit } = await open())
  t.equal(await users.whose('sari', first), undefined)
  t.match(await users.whose('sari', 'another long one'), { name: 'sari' })
  t.same(
    users.list().map(user => Object.keys(user)),
    [['name', 'role', 'addedAt']],
  )
  await users.remove({ name: 'sari', by: 'root' })
  await t.rejects(users.remove({ name: 'sari', by: 'root' }), { code: 'fleet/unknown-user' })
  t.equal(await users.whose('sari', 'another long one'), undefined)
  const entries: unknown[] = []
  for await (const { entry, intact } of audit.entries()) entries.push({ ...entry, intact })
  t.match(entries, [
    { who: 'root', what: 'user-added', about: 'sari', role: 'operator', intact: true },
    { who: 'sari', what: 'password-changed', intact: true },
    { who: 'root', what: 'user-removed', about: 'sari', intact: true },
  ])
  t.notMatch(JSON.stringify(entries), new RegExp(first))
})

t.test('each role may do what those before it may', async t => {
  t.ok(mayAs('approver', 'operator'))
  t.ok(mayAs('viewer', 'viewer'))
  t.notOk(mayAs('viewer', 'operator'))
  t.notOk(mayAs('operator', 'approver'))
})

t.test('a session ends when nobody uses it, after half a day, and when it is told to', async t => {
  const clock = new ManualClock()
  const sessions = await Sessions.open(openMemoryKv(), clock, silentLog)
  const userOf = (token: string) => sessions.of(token)?.user
  const token = await sessions.begin('sari')
  t.equal(userOf(token), 'sari')
  t.equal(userOf('another'), undefined)
  for (let minute = 0; minute < 12 * 60; minute += 20) {
    t.equal(userOf(token), 'sari')
    await clock.advance(20 * 60_000)
  }
  await clock.advance(1)
  t.equal(userOf(token), undefined, 'half a day is over')
  const idle = await sessions.begin('sari')
  await clock.advance(31 * 60_000)
  t.equal(userOf(idle), undefined)
  const [one, two] = [await sessions.begin('sari'), await sessions.begin('sari')]
  await sessions.end(one)
  t.equal(userOf(one), undefined)
  await sessions.endAllOf('sari')
  t.equal(userOf(two), undefined)
})

t.test('sessions outlive a restart; their ends do, too', async t => {
  const clock = new ManualClock()
  const disk = new MemoryDisk()
  const open = () => Sessions.open(openMemoryKv(disk), clock, silentLog)
  let sessions = await open()
  const [kept, ended, unused] = [
    await sessions.begin('sari'),
    await sessions.begin('sari'),
    await sessions.begin('budi'),
  ]
  await sessions.end(ended)
  await clock.advance(20 * 60_000)
  t.match(sessions.of(kept), { user: 'sari' })
  sessions = await open()
  t.match(sessions.of(kept), { user: 'sari' })
  t.equal(sessions.of(ended), undefined)
  await clock.advance(15 * 60_000)
  sessions = await open()
  t.match(sessions.of(kept), { user: 'sari' }, 'the use of it is remembered')
  t.equal(sessions.of(unused), undefined)
  for await (const { key, value } of openMemoryKv(disk).range({ from: '', to: '\uffff' }))
    t.notMatch(`${key} ${Buffer.from(value)}`, kept, 'no token is on the disk')
  await clock.advance(12 * 3_600_000)
  await open()
  let left = 0
  for await (const _ of openMemoryKv(disk).range({ from: '', to: '\uffff' })) left++
  t.equal(left, 0, 'nothing is kept of what has lapsed')
})

t.test('five wrong passwords lock a name; many names are locked out, too', async t => {
  const clock = new ManualClock()
  const attempts = new Attempts(clock)
  const tries = (name: string, count: number) => Array.from({ length: count }, () => attempts.mayTry(name))
  t.same(tries('sari', 6), [true, true, true, true, true, false])
  t.ok(attempts.mayTry('budi'), 'others may')
  await clock.advance(4 * 60_000)
  t.notOk(attempts.mayTry('sari'))
  await clock.advance(2 * 60_000)
  t.ok(attempts.mayTry('sari'))
  attempts.right('sari')
  t.same(tries('sari', 5), [true, true, true, true, true], 'a right one begins anew')
  const names = Array.from({ length: 40 }, (_, n) => attempts.mayTry(`name-${n}`))
  t.ok(names.filter(may => may).length < 30)
  t.notOk(names.at(-1))
})
