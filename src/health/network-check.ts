import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Check, fault, fine } from './check.ts'

/** Ports that kernels make by themselves, and that lead nowhere. */
const UNREAL = /^(lo|ifb|dummy|sit|tunl|ip6tnl|veth|docker|br-)/

/**
 * How this machine is connected: its ports, its addresses, its way out, who resolves names. Read from the kernel's
 * files, since a kiosk in its sandbox may not ask over netlink. `root` is `/`, or what a test puts in its place. No fault
 * where the broker is on this machine (`isNeeded` false).
 */
export async function networkCheck({ root = '/', isNeeded = true } = {}): Promise<Check> {
  const check = 'network'
  const text = (path: string) => readFile(join(root, path), 'utf8').catch(() => '')
  const folder = join(root, 'sys/class/net')
  const names = (await readdir(folder).catch(() => [])).filter(name => !UNREAL.test(name)).sort()
  const ports = await Promise.all(
    names.map(async name => ({
      name,
      hasCarrier: (await text(`sys/class/net/${name}/carrier`)).trim() === '1',
    })),
  )
  const said = ports.map(({ name, hasCarrier }) => `${name} ${hasCarrier ? 'connected' : 'no link'}`)
  if (!isNeeded) return fine(check, [...said, 'the broker is on this machine'].join(', '))
  if (!ports.some(({ hasCarrier }) => hasCarrier))
    return fault(
      check,
      said.join(', ') || 'no port',
      'look at cable, switch and router; meanwhile everything is kept here',
    )
  const addresses = localAddresses(await text('proc/net/fib_trie'))
  const gateway = gatewayOf(await text('proc/net/route'))
  const nameServers = nameServersOf(await text('etc/resolv.conf'))
  const detail = [
    ...said,
    `addresses ${addresses.join(' ') || 'none'}`,
    `gateway ${gateway ?? 'none'}`,
    `DNS ${nameServers.join(' ') || 'none'}`,
  ].join(', ')
  if (addresses.length === 0)
    return fault(check, detail, 'no address: look at the router, or set one: docs/HARDWARE.md')
  return fine(check, detail)
}

/** IPv4 addresses of this machine but for its own loop, as `/proc/net/fib_trie` has them. Pure. */
export function localAddresses(fibTrie: string): readonly string[] {
  const found = [...fibTrie.matchAll(/\|-- ([\d.]+)\n\s*\/32 host LOCAL/g)].map(([, address]) => address)
  return [...new Set(found)].filter(address => !address.startsWith('127.'))
}

/** The way to everywhere else, as `/proc/net/route` has it: eight hex digits, last byte first. Pure. */
export function gatewayOf(routes: string): string | undefined {
  for (const line of routes.split('\n')) {
    const [, destination, gateway] = line.split('\t')
    if (destination !== '00000000' || !/^[0-9A-F]{8}$/.test(gateway) || gateway === '00000000') continue
    return [6, 4, 2, 0].map(at => Number.parseInt(gateway.slice(at, at + 2), 16)).join('.')
  }
  return undefined
}

function nameServersOf(resolvConf: string): readonly string[] {
  return [...resolvConf.matchAll(/^nameserver\s+(\S+)/gm)].map(([, address]) => address)
}
