import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { lockLine } from '../../../../hal/transport/gpio/line-lock.ts'

/** Of this run alone: other runs may be under way on this machine. */
const line = (offset: number) => `test-${process.pid}:${offset}`

t.test('a line is one holder’s until it is let go', async t => {
  const release = await lockLine(line(1))
  await t.rejects(lockLine(line(1)), { code: 'hal/in-use', message: /stop that first/ })
  const other = await lockLine(line(2))
  await release()
  const again = await lockLine(line(1))
  await Promise.all([again(), other()])
})

t.test('it is another process’s too, and free once that was killed', async t => {
  const module = join(import.meta.dirname, '../../../../hal/transport/gpio/line-lock.ts')
  const script = `
    const { lockLine } = await import(${JSON.stringify(module)})
    await lockLine(${JSON.stringify(line(3))})
    console.log('locked')
    setInterval(() => {}, 1000)
  `
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  await t.rejects(lockLine(line(3)), { code: 'hal/in-use' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  const release = await lockLine(line(3))
  await release()
})
