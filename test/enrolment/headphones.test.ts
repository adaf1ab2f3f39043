/** Goal: what is private is spoken only while headphones are known to be in. */
import t from 'tap'
import { listenForHeadphones } from '../../src/enrolment/headphones.ts'

class Socket {
  active: boolean | undefined = false
  private listener: (active: boolean | undefined) => void = () => {}
  onChange(listener: (active: boolean | undefined) => void) {
    this.listener = listener
  }
  become(active: boolean | undefined) {
    this.active = active
    this.listener(active)
  }
}

function listen(...sockets: Socket[]) {
  const told: boolean[] = []
  listenForHeadphones(
    { setListensAlone: alone => told.push(alone) },
    sockets.map(device => ({ device })),
  )
  return told
}

t.test('plugged in, pulled out, and a socket that cannot be read', async t => {
  const socket = new Socket()
  const told = listen(socket)
  for (const active of [true, false, true, undefined]) socket.become(active)
  t.same(told, [false, true, false, true, false])
})

t.test('headphones that are in when the kiosk starts are heard through', async t => {
  const socket = new Socket()
  socket.active = true
  t.same(listen(socket), [true])
})

t.test('a kiosk without a socket speaks to everybody', async t => {
  t.same(listen(), [false])
})
