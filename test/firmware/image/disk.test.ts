/**
 * Goal: a slot holds what it is for, and says so where it cannot.
 * Method: file systems made by mke2fs of small trees, read back by debugfs.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { makeExt4 } from '../../../firmware/image/disk.ts'
import { run } from '../../../firmware/image/run.ts'

const MIB = 1 << 20
const about = { uuid: 'rootFileSystem', epochS: 1_700_000_000, label: 'root', isReadOnly: true } as const

t.test('a tree, without a journal', async t => {
  const folder = t.testdir({ tree: { etc: { version: '1.0.0\n' } } })
  const path = join(folder, 'root.ext4')
  await makeExt4(path, { from: join(folder, 'tree'), mib: 8, ...about })
  t.equal(await run('debugfs', ['-R', 'cat /etc/version', path]), '1.0.0\n')
  const features = await run('debugfs', ['-R', 'features', path])
  t.match(features, /extent/)
  t.notMatch(features, /has_journal/)
})

t.test('a tree that does not fit', async t => {
  const folder = t.testdir({ tree: {} })
  const from = join(folder, 'tree')
  await writeFile(join(from, 'large'), new Uint8Array(5 * MIB).fill(7))
  await t.rejects(makeExt4(join(folder, 'root.ext4'), { from, mib: 4, ...about }), {
    code: 'firmware/too-large',
    details: { label: 'root', mib: 4 },
  })
})
