import assert from 'node:assert'
import type { BytePort } from '../../hal/ports/byte-port.ts'
import { KioskError } from '../../src/base/errors.ts'

/** A line that knows one recorded conversation. */
export interface ReplayedLine extends BytePort {
  /** Throws where a recorded turn was not used. */
  done(): void
}

type Turn =
  | { readonly way: '>' | '<'; readonly bytes: string }
  | { readonly way: 'rate'; readonly baudRate: number }
  | { readonly way: 'cut' | 'mend' }

/**
 * Plays a transcript, one turn a line: `> EF 01 …  # why` is written by the driver, `< EF 01 …` comes back, hexadecimal;
 * `rate 57600` is a change of the line's rate; `cut` pulls the cord and `mend` plugs it back, which the driver notices
 * at its next call.
 */
export function replayLine(transcript: string): ReplayedLine {
  const turns = transcript
    .split('\n')
    .map(line => line.replace(/#.*/, '').trim())
    .filter(line => line !== '')
    .map(readTurn)
  let at = 0
  let isOpen = false
  let isCut = false
  let listener: (bytes: Uint8Array) => void = () => {}
  /** The turns that need nobody's call. */
  const play = () => {
    for (;;) {
      const turn = turns[at]
      if (turn?.way === 'cut') isCut = true
      else if (turn?.way === '<') {
        const bytes = Uint8Array.from(Buffer.from(turn.bytes, 'hex'))
        queueMicrotask(() => listener(bytes))
      } else return
      at++
    }
  }
  return {
    async open() {
      if (isCut && turns[at]?.way === 'mend') {
        at++
        isCut = false
      }
      if (isCut) throw new KioskError('hal/no-answer')
      isOpen = true
    },
    async write(bytes) {
      if (!isOpen) throw new KioskError('hal/not-open')
      if (isCut) throw new KioskError('hal/no-answer')
      const turn = turns[at]
      const written = Buffer.from(bytes).toString('hex').toUpperCase()
      assert(turn !== undefined, `the transcript is over: > ${written}`)
      assert(turn.way === '>' && turn.bytes === written, `turn ${at + 1} is another: > ${written}`)
      at++
      play()
    },
    onBytes(next) {
      listener = next
    },
    async setBaudRate(baudRate) {
      if (isCut) throw new KioskError('hal/no-answer')
      const turn = turns[at]
      if (turn?.way !== 'rate') return
      assert(turn.baudRate === baudRate, `turn ${at + 1} is another: rate ${baudRate}`)
      at++
    },
    async close() {
      isOpen = false
    },
    done() {
      assert(at === turns.length, `${turns.length - at} recorded turns were not used`)
    },
  }
}

function readTurn(line: string): Turn {
  if (line === 'cut' || line === 'mend') return { way: line }
  const [, rate] = /^rate (\d+)$/.exec(line) ?? []
  if (rate !== undefined) return { way: 'rate', baudRate: Number(rate) }
  const [, way, bytes] = /^([<>])((?: [0-9A-F]{2})+)$/.exec(line) ?? []
  assert(way === '<' || way === '>', `no turn of a transcript: ${line}`)
  return { way, bytes: bytes.replaceAll(' ', '') }
}
