import assert from 'node:assert'
import type { I2cBus } from '../../hal/ports/i2c-bus.ts'
import { KioskError } from '../../src/base/errors.ts'

/** A bus that knows one recorded conversation. */
export interface ReplayedBus extends I2cBus {
  /** Throws where a recorded turn was not used. */
  done(): void
}

interface RecordedTurn {
  readonly address: number
  readonly write: string
  /** What was answered; undefined where nobody acknowledged. */
  readonly answer: string | undefined
}

/**
 * Plays a transcript, one transfer a line: `29 > C0 < EE  # why`, hexadecimal, address first; `>` is written, `<` is
 * answered, `!` is not acknowledged.
 */
export function replayI2c(transcript: string): ReplayedBus {
  const turns = transcript
    .split('\n')
    .map(line => line.replace(/#.*/, '').trim())
    .filter(line => line !== '')
    .map(readTurn)
  let at = 0
  let isOpen = false
  return {
    async open() {
      isOpen = true
    },
    async transfer(address, write, readLength) {
      if (!isOpen) throw new KioskError('hal/not-open')
      const turn = turns[at]
      const asked = `${hex([address])} > ${hex(Array.from(write))}, ${readLength} to read`
      assert(turn !== undefined, `the transcript is over: ${asked}`)
      at++
      assert(
        turn.address === address && turn.write === hex(Array.from(write)),
        `turn ${at} is another: ${asked}`,
      )
      if (turn.answer === undefined) throw new KioskError('hal/no-answer', { address })
      const answer = Uint8Array.from(Buffer.from(turn.answer, 'hex'))
      assert(answer.length === readLength, `turn ${at} answers ${answer.length} bytes: ${asked}`)
      return answer
    },
    async close() {
      isOpen = false
    },
    done() {
      assert(at === turns.length, `${turns.length - at} recorded turns were not used`)
    },
  }
}

function readTurn(line: string): RecordedTurn {
  const parts = /^([0-9A-F]{2})(?: >((?: [0-9A-F]{2})+))?(?: <((?: [0-9A-F]{2})+)| (!))?$/.exec(line)
  assert(parts !== null, `no turn of a transcript: ${line}`)
  const [, address, write = '', answer = '', silent] = parts
  const plain = (text: string) => text.replaceAll(' ', '')
  return {
    address: Number.parseInt(address, 16),
    write: plain(write),
    answer: silent === undefined ? plain(answer) : undefined,
  }
}

function hex(bytes: readonly number[]): string {
  return Buffer.from(bytes).toString('hex').toUpperCase()
}
