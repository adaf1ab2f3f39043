import { spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import {
  compileTracker,
  cutPower,
  nameRules,
  startTracking,
  tails,
} from '../../../scripts/faults/power-cut.ts'

/**
 * Goal: the tracker takes away what a power cut could, and nothing that was synced.
 * Method: a process does one thing of each kind, half of it synced, and is killed.
 */
const WORK = `
  import { closeSync, fdatasyncSync, fsyncSync, openSync, renameSync, unlinkSync, writeFileSync, writeSync } from 'node:fs'
  const at = name => process.cwd() + '/' + name
  const write = (name, text, ...syncs) => {
    const file = openSync(at(name), 'a')
    writeSync(file, text)
    if (syncs.includes('bytes')) fdatasyncSync(file)
    return file
  }
  const syncFolder = () => { const folder = openSync(at(''), 'r'); fsyncSync(folder); closeSync(folder) }
  const slots = openSync(at('slots'), 'w+')
  writeSync(slots, 'first', 0)
  fdatasyncSync(slots)
  write('old-target', 'old', 'bytes')
  write('gone', 'not yet', 'bytes')
  const kept = write('kept', 'synced', 'bytes')
  syncFolder()
  // From here on nothing of names is synced, and little of bytes.
  writeSync(kept, ', and a tail')
  writeSync(slots, 'again', 0)
  write('new-source', 'new', 'bytes')
  renameSync(at('new-source'), at('old-target'))
  unlinkSync(at('gone'))
  process.kill(process.pid, 'SIGKILL')
`

for (const names of nameRules)
  for (const tail of tails)
    t.test(`${names} names, ${tail} tails`, async t => {
      const folder = t.testdir({ root: {} })
      const tracker = {
        root: join(folder, 'root'),
        journal: join(folder, 'journal'),
        kept: join(folder, 'kept'),
      }
      const env = { ...process.env, ...(await startTracking(tracker, await compileTracker(folder))) }
      const args = ['--input-type=module', '--eval', WORK]
      const child = spawnSync(process.execPath, args, { cwd: tracker.root, env, encoding: 'utf8' })
      t.equal(child.signal, 'SIGKILL', child.stderr)
      const read = async (name: string) => await readFile(join(tracker.root, name), 'latin1')
      t.equal(await read('kept'), 'synced, and a tail', 'before the cut everything is there')

      let turn = 0
      const random = () => [0.1, 0.9][turn++ % 2]
      const taken = await cutPower(tracker, { tail, names, random })
      t.equal(taken.bytes, ', and a tail'.length)
      const bytes = await read('kept')
      t.ok(bytes.startsWith('synced'), 'synced bytes stay')
      if (tail === 'cut') t.equal(bytes, 'synced')
      else t.not(bytes, 'synced, and a tail')
      // A journaling file system wrote the new file's name with its bytes; POSIX promises no such thing.
      const files = await readdir(tracker.root)
      t.same(
        files.sort(),
        names === 'ordered'
          ? ['gone', 'kept', 'new-source', 'old-target', 'slots']
          : ['gone', 'kept', 'old-target', 'slots'],
      )
      t.equal(await read('gone'), 'not yet')
      t.equal(await read('old-target'), 'old', 'the rename is undone')
      t.match(await read('slots'), /^(first|again)$/)
    })

t.test('a failing disk and a lying one', async t => {
  const folder = t.testdir({ root: {} })
  const tracker = { root: join(folder, 'root'), journal: join(folder, 'journal'), kept: join(folder, 'kept') }
  const library = await compileTracker(folder)
  const run = async (code: string, faults: Record<string, string>) => {
    await mkdir(tracker.root, { recursive: true })
    const env = { ...process.env, ...(await startTracking(tracker, library)), ...faults }
    const work = `import { openSync, writeSync, fsyncSync } from 'node:fs'; const file = openSync(process.cwd() + '/file', 'w'); ${code}`
    return spawnSync(process.execPath, ['--input-type=module', '--eval', work], {
      cwd: tracker.root,
      env,
      encoding: 'utf8',
    })
  }
  const failing = { SYNC_TRACKER_FAIL_FROM: '2', SYNC_TRACKER_FAIL_COUNT: '1', SYNC_TRACKER_FAIL_ERRNO: '28' }
  const third = await run(
    "writeSync(file, 'a', 0); try { fsyncSync(file) } catch (e) { console.log(e.code) } fsyncSync(file)",
    failing,
  )
  t.equal(third.stdout, 'ENOSPC\n')
  t.equal(third.status, 0, third.stderr)
  await run("const lied = openSync(process.cwd() + '/lied', 'w'); writeSync(lied, 'abc'); fsyncSync(lied)", {
    SYNC_TRACKER_LIE_ABOUT: 'lied',
  })
  await cutPower(tracker, { tail: 'cut', names: 'ordered', random: () => 0.9 })
  t.equal(await readFile(join(tracker.root, 'lied'), 'utf8'), '')
})
