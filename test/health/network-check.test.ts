/**
 * Goal: a technician sees how the machine is connected, from what the kernel's files say.
 * Method: a folder that stands for the machine, with files as Linux 6.1 shows them.
 */
import t from 'tap'
import { gatewayOf, localAddresses, networkCheck } from '../../src/health/network-check.ts'

const FIB_TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
           |-- 127.0.0.1
              /32 host LOCAL
     +-- 192.0.2.0/24 2 0 2
           |-- 192.0.2.23
              /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
Local:
           |-- 192.0.2.23
              /32 host LOCAL
`
const ROUTES = `Iface\tDestination\tGateway \tFlags
eth0\t000200C0\t00000000\t0001
eth0\t00000000\t010200C0\t0003
`
const plugged = () => ({ carrier: '1\n' })
const unplugged = () => ({ carrier: '0\n' })

t.test('addresses and gateway out of the tables of the kernel', async t => {
  t.same(localAddresses(FIB_TRIE), ['192.0.2.23'])
  t.same(localAddresses(''), [])
  t.equal(gatewayOf(ROUTES), '192.0.2.1')
  t.equal(gatewayOf(ROUTES.split('\n').slice(0, 2).join('\n')), undefined)
  t.equal(gatewayOf('garbage\n\t\t\n'), undefined)
})

t.test('a machine that is connected, one without an address, one without a cable', async t => {
  const machine = (net: object, fibTrie: string) =>
    t.testdir({
      sys: { class: { net: { lo: plugged(), ...net } } },
      proc: { net: { fib_trie: fibTrie, route: ROUTES } },
      etc: { 'resolv.conf': '# by hand\nnameserver 192.0.2.1\n' },
    })
  t.match(await networkCheck({ root: machine({ eth0: plugged(), wlan0: unplugged() }, FIB_TRIE) }), {
    ok: true,
    detail: 'eth0 connected, wlan0 no link, addresses 192.0.2.23, gateway 192.0.2.1, DNS 192.0.2.1',
  })
  t.match(await networkCheck({ root: machine({ eth0: plugged() }, '') }), {
    ok: false,
    remedy: /router/,
    vital: false,
  })
  t.match(await networkCheck({ root: machine({ eth0: unplugged() }, FIB_TRIE) }), {
    ok: false,
    remedy: /cable/,
  })
  const alone = { root: machine({ eth0: unplugged() }, ''), isNeeded: false }
  t.match(await networkCheck(alone), { ok: true, detail: /on this machine/ })
  t.match(await networkCheck({ root: machine({}, FIB_TRIE) }), { ok: false, detail: 'no port' })
})
