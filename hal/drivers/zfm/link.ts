import type { Clock } from '../../../src/base/clock.ts'
import { KioskError } from '../../../src/base/errors.ts'
import type { BytePort } from '../../ports/byte-port.ts'
import { within } from '../../ports/within.ts'
import { encodePacket, PACKET, type Packet, PacketReader } from './packet.ts'

/** Longest silence inside an answer; a data packet of 256 bytes takes 0.3 s at 9600 baud. */
const PACKET_TIMEOUT_MS = 600
/** So long without a byte, and an answer that nobody waited for is over. */
const QUIET_MS = 80
const QUIET_MS_MAX = 8000
/** An image of 36,864 bytes in packets of 32. */
const PACKETS_MAX = 1200

export interface Wait {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Commands and answers over one line, one at a time.
 *
 * An answer can outlive the call that asked for it, by time-out or abort, and answers do not say what they
 * answer. So whenever a turn did not end as it should, the next one first waits until the line is quiet.
 */
export class ZfmLink {
  private readonly reader = new PacketReader()
  private packets: Packet[] = []
  private unfinished = false
  private lastByteMs = 0
  private wake: () => void = () => {}

  constructor(
    private readonly port: BytePort,
    private readonly clock: Clock,
    private readonly address: number,
  ) {
    port.onBytes(bytes => {
      this.lastByteMs = clock.monotonicMs()
      this.keep(this.reader.push(bytes))
      this.wake()
    })
  }

  /** Sends a command; its acknowledgement's payload, confirmation first. Rejects with `hal/no-answer`. */
  async command(payload: Uint8Array, wait: Wait): Promise<Uint8Array> {
    const deadlineMs = this.clock.monotonicMs() + wait.timeoutMs
    if (this.unfinished) await this.quiet(wait)
    this.keep(this.reader.flush())
    this.packets = []
    this.unfinished = true
    const packet = encodePacket({ address: this.address, kind: PACKET.command, payload })
    const timeoutMs = Math.max(0, deadlineMs - this.clock.monotonicMs())
    await within(this.port.write(packet), { clock: this.clock, timeoutMs, signal: wait.signal })
    for (;;) {
      const packet = await this.next(deadlineMs, wait.signal)
      if (packet.kind !== PACKET.acknowledgement || packet.payload.length === 0) continue
      this.unfinished = false
      return packet.payload
    }
  }

  /**
   * The data that follows an acknowledgement, up to its last packet; `hal/no-answer` where it stops before.
   * Packets that noise took are missing, so its length may be short; it is never above `bytesMax`.
   */
  async data(bytesMax: number, wait: Wait): Promise<Uint8Array> {
    const deadlineMs = this.clock.monotonicMs() + wait.timeoutMs
    this.unfinished = true
    const data = new Uint8Array(bytesMax)
    let bytes = 0
    for (;;) {
      const packetMs = Math.min(deadlineMs, this.clock.monotonicMs() + PACKET_TIMEOUT_MS)
      const packet = await this.next(packetMs, wait.signal)
      if (packet.kind !== PACKET.data && packet.kind !== PACKET.lastData) continue
      if (bytes + packet.payload.length > bytesMax) throw new KioskError('hal/no-answer', { bytesMax })
      data.set(packet.payload, bytes)
      bytes += packet.payload.length
      if (packet.kind === PACKET.lastData) break
    }
    this.unfinished = false
    return data.subarray(0, bytes)
  }

  private keep(packets: readonly Packet[]): void {
    for (const packet of packets) {
      if (packet.address === this.address && this.packets.length < PACKETS_MAX) this.packets.push(packet)
    }
  }

  private async next(deadlineMs: number, signal: AbortSignal): Promise<Packet> {
    for (;;) {
      const packet = this.packets.shift()
      if (packet !== undefined) return packet
      const leftMs = deadlineMs - this.clock.monotonicMs()
      if (leftMs <= 0) throw new KioskError('hal/no-answer')
      await this.byteOrTime(leftMs, signal)
      if (this.clock.monotonicMs() >= deadlineMs) this.keep(this.reader.flush())
    }
  }

  private async quiet({ timeoutMs, signal }: Wait): Promise<void> {
    const startMs = this.clock.monotonicMs()
    for (;;) {
      const nowMs = this.clock.monotonicMs()
      const quietAtMs = Math.max(this.lastByteMs, startMs) + QUIET_MS
      if (nowMs >= quietAtMs) return
      if (nowMs - startMs >= Math.min(QUIET_MS_MAX, timeoutMs)) throw new KioskError('hal/no-answer')
      await this.clock.sleep(quietAtMs - nowMs, signal)
    }
  }

  private async byteOrTime(timeMs: number, signal: AbortSignal): Promise<void> {
    const arrival = new AbortController()
    this.wake = () => arrival.abort()
    await this.clock.sleep(timeMs, AbortSignal.any([signal, arrival.signal])).catch(() => {})
    signal.throwIfAborted()
  }
}
