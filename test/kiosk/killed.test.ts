/**
 * Goal: whatever instruction the kiosk dies at, every record whose citizen was told "done" is at the ABIS
 * exactly once.
 * Method: `kills.ts`, 50 times (`npm run -s soak -- kill-kiosk` does it 2,000 times).
 */
import t from 'tap'
import { killAndDrain } from './kills.ts'

const KILLS = 50

t.setTimeout(400_000)

t.test('50 kills: nothing told is lost, nothing is doubled', async t => {
  const run = await killAndDrain({ data: t.testdir(), kills: KILLS, random: Math.random })
  t.ok(run.told > KILLS / 2, `${run.told} enrolments were told done`)
  t.ok(run.cutShort < KILLS, 'not every kill came before the first enrolment')
  t.same(run.findings, [], 'the audit finds nothing wrong')
  t.same(run.lost, [], 'everything told is there')
  t.same(run.doubled, [], 'nothing is there twice')
  t.equal(run.alarms, 0, 'no sequence number was used twice or left out')
})
