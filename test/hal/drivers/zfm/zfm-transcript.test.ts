/**
 * Goal: each way in which a conversation with a module can fail ends as the port promises, and the next one works.
 * Method: bytes as they are on the wire, one transcript a failure. Frames and checksums follow the R503 manual.
 */
import t from 'tap'
import { ZfmSensor } from '../../../../hal/drivers/zfm/zfm.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { replayLine } from '../../../support/replay-line.ts'

const OK = '< EF 01 FF FF FF FF 07 00 03 00 00 0A'
const PASSWORD = '> EF 01 FF FF FF FF 01 00 07 13 00 00 00 00 00 1B'
const ASK = '> EF 01 FF FF FF FF 01 00 03 0F 00 13 # ReadSysPara'
/** 200 templates, security 3, packets of 128 bytes, 57,600 baud. */
const PARAMETERS = '< EF 01 FF FF FF FF 07 00 13 00 00 00 00 00 00 C8 00 03 FF FF FF FF 00 02 00 06 04 E9'
const OPEN = `
  rate 57600
  ${PASSWORD}
  ${OK}
  ${ASK}
  ${PARAMETERS}
`
const RELINK = OPEN
const request = { timeoutMs: 5000, signal: new AbortController().signal }

function bench(transcript: string) {
  const clock = new ManualClock()
  const line = replayLine(transcript)
  const sensor = new ZfmSensor({ port: line, clock, model: 'zfm-20' })
  return { clock, line, sensor }
}

async function opened(transcript: string) {
  const parts = bench(`${OPEN}\n${transcript}`)
  await parts.clock.finish(parts.sensor.open())
  return parts
}

t.test('handshake and parameters', async t => {
  const { clock, line, sensor } = await opened(`
    ${ASK}
    ${PARAMETERS}
  `)
  t.match(await clock.finish(sensor.diagnose(request)), [
    { name: 'model', value: 'ZFM-20' },
    { name: 'line rate', value: 57_600, unit: 'baud' },
    { name: 'packet size', value: 128, unit: 'byte' },
  ])
  line.done()
})

t.test('no answer: asked three times, and the next question begins with the handshake', async t => {
  const { clock, line, sensor } = await opened(`
    ${ASK}
    ${ASK}
    ${ASK}
    ${RELINK}
    ${ASK}
    ${PARAMETERS}
  `)
  await t.rejects(clock.finish(sensor.diagnose(request)), { code: 'hal/no-answer' })
  t.ok(await clock.finish(sensor.diagnose(request)))
  line.done()
})

t.test('a wrong checksum is no answer: the question is asked again', async t => {
  const { clock, line, sensor } = await opened(`
    ${ASK}
    ${PARAMETERS.replace(/E9$/, 'E8')}
    ${ASK}
    ${PARAMETERS}
  `)
  t.ok(await clock.finish(sensor.diagnose(request)))
  line.done()
})

t.test('half a frame: its rest never comes, and what follows is understood', async t => {
  const { clock, line, sensor } = await opened(`
    ${ASK}
    ${PARAMETERS.slice(0, 40)}
    ${ASK}
    ${PARAMETERS}
  `)
  t.ok(await clock.finish(sensor.diagnose(request)))
  line.done()
})

t.test('noise before and between frames is skipped', async t => {
  const { clock, line, sensor } = await opened(`
    ${ASK}
    < 55 00 EF EF 01 FF
    ${PARAMETERS}
    ${ASK}
    < EF 01
    ${PARAMETERS}
  `)
  t.ok(await clock.finish(sensor.diagnose(request)))
  t.ok(await clock.finish(sensor.diagnose(request)))
  line.done()
})

t.test('a module that heard noise says so, and is asked again', async t => {
  const { clock, line, sensor } = await opened(`
    ${ASK}
    < EF 01 FF FF FF FF 07 00 03 01 00 0B   # receive error
    ${ASK}
    ${PARAMETERS}
  `)
  t.ok(await clock.finish(sensor.diagnose(request)))
  line.done()
})

t.test('another password, or another answer than a module’s, is another part', async t => {
  const password = bench(`
    rate 57600
    ${PASSWORD}
    < EF 01 FF FF FF FF 07 00 03 13 00 1D
  `)
  await t.rejects(password.clock.finish(password.sensor.open()), { code: 'hal/wrong-part' })
  password.line.done()
  const parameters = bench(`
    rate 57600
    ${PASSWORD}
    ${OK}
    ${ASK}
    ${OK}
  `)
  await t.rejects(parameters.clock.finish(parameters.sensor.open()), { code: 'hal/wrong-part' })
  parameters.line.done()
})

t.test('a module at another rate is found, and brought to ours', async t => {
  const { clock, line, sensor } = bench(`
    rate 57600
    ${PASSWORD}
    rate 9600
    ${PASSWORD}
    ${OK}
    > EF 01 FF FF FF FF 01 00 05 0E 04 06 00 1E   # SetSysPara, baud, 6 x 9600
    ${OK}
    rate 57600
    ${ASK}
    ${PARAMETERS}
  `)
  await t.resolves(clock.finish(sensor.open()))
  line.done()
})

t.test('unplugged while a finger is waited for, and plugged back', async t => {
  const GEN_IMAGE = '> EF 01 FF FF FF FF 01 00 03 01 00 05'
  const NO_FINGER = '< EF 01 FF FF FF FF 07 00 03 02 00 0C'
  const { clock, line, sensor } = await opened(`
    ${GEN_IMAGE}
    ${NO_FINGER}
    ${GEN_IMAGE}
    cut
    mend
    ${RELINK}
    ${GEN_IMAGE}
    ${NO_FINGER}
  `)
  await t.rejects(clock.finish(sensor.capture(request)), { code: 'hal/no-answer' })
  t.ok(clock.monotonicMs() <= 5000)
  const short = sensor.capture({ ...request, timeoutMs: 420 })
  await t.rejects(clock.finish(short), { code: 'hal/no-finger' })
  line.done()
})
