import assert from 'node:assert'

/**
 * Packets of the ZFM-20 / R307 / AS608 / R503 family of fingerprint modules (GROW R503 manual, chapter 5):
 *
 *     EF 01 | address, 4 | kind, 1 | length, 2 | payload, length - 2 | checksum, 2
 *
 * Big-endian throughout; the checksum is the sum of all bytes from `kind` to the end of the payload, mod 65,536.
 */
export interface Packet {
  readonly address: number
  readonly kind: PacketKind
  readonly payload: Uint8Array
}

export const PACKET = { command: 1, data: 2, acknowledgement: 7, lastData: 8 } as const
export type PacketKind = (typeof PACKET)[keyof typeof PACKET]

export const ADDRESS_DEFAULT = 0xffffffff
/** The largest packet size that a module can be set to. */
export const PAYLOAD_BYTES_MAX = 256

const START = [0xef, 0x01] as const
const HEADER_BYTES = 9
const CHECKSUM_BYTES = 2

export function encodePacket({ address, kind, payload }: Packet): Uint8Array {
  assert(payload.length <= PAYLOAD_BYTES_MAX, 'a payload fits a packet')
  const bytes = new Uint8Array(HEADER_BYTES + payload.length + CHECKSUM_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set(START)
  view.setUint32(2, address)
  view.setUint8(6, kind)
  view.setUint16(7, payload.length + CHECKSUM_BYTES)
  bytes.set(payload, HEADER_BYTES)
  view.setUint16(HEADER_BYTES + payload.length, checksum(bytes, HEADER_BYTES + payload.length))
  return bytes
}

/** Over a packet whose payload ends before `end`. */
function checksum(packet: Uint8Array, end: number): number {
  let sum = 0
  for (let i = 6; i < end; i++) sum += packet[i]
  return sum & 0xffff
}

/**
 * Finds packets in a stream of bytes. Whatever is no packet with a right checksum is skipped, byte by byte, so
 * that noise costs the packets it hit and no more. Holds one packet's worth of bytes at most.
 */
export class PacketReader {
  /** Bytes that belonged to no packet, since the reader was made. */
  skippedBytes = 0
  private readonly held = new Uint8Array(HEADER_BYTES + PAYLOAD_BYTES_MAX + CHECKSUM_BYTES)
  private heldBytes = 0

  /** The packets that these bytes complete, in order. */
  push(bytes: Uint8Array): Packet[] {
    const packets: Packet[] = []
    for (const byte of bytes) {
      this.held[this.heldBytes++] = byte
      for (;;) {
        const found = this.look()
        if (found === 'more') break
        if (found === 'noise') {
          this.skippedBytes++
          this.drop(1)
          continue
        }
        packets.push(found)
        this.drop(HEADER_BYTES + found.payload.length + CHECKSUM_BYTES)
      }
    }
    return packets
  }

  /** The line is quiet: what still waits for its rest is no packet, though one may lie hidden in it. */
  flush(): Packet[] {
    const packets: Packet[] = []
    while (this.heldBytes > 0) {
      const rest = this.held.slice(1, this.heldBytes)
      this.skippedBytes++
      this.heldBytes = 0
      packets.push(...this.push(rest))
    }
    return packets
  }

  /** What the held bytes begin with. */
  private look(): Packet | 'more' | 'noise' {
    const { held, heldBytes } = this
    if (heldBytes === 0) return 'more'
    if (held[0] !== START[0]) return 'noise'
    if (heldBytes < 2) return 'more'
    if (held[1] !== START[1]) return 'noise'
    if (heldBytes < HEADER_BYTES) return 'more'
    const view = new DataView(held.buffer)
    const kind = packetKind(held[6])
    const payloadBytes = view.getUint16(7) - CHECKSUM_BYTES
    if (kind === undefined || payloadBytes < 0 || payloadBytes > PAYLOAD_BYTES_MAX) return 'noise'
    const end = HEADER_BYTES + payloadBytes
    if (heldBytes < end + CHECKSUM_BYTES) return 'more'
    if (view.getUint16(end) !== checksum(held, end)) return 'noise'
    return { address: view.getUint32(2), kind, payload: held.slice(HEADER_BYTES, end) }
  }

  private drop(bytes: number): void {
    this.held.copyWithin(0, bytes, this.heldBytes)
    this.heldBytes -= bytes
  }
}

function packetKind(byte: number): PacketKind | undefined {
  return Object.values(PACKET).find(kind => kind === byte)
}
