/**
 * A hundred thousand random streams into each parser of what parts and technicians send: none crashes or holds on to what it
 * was given, and a good message after the noise is understood.
 */
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { readBoard } from '../../hal/board/board.ts'
import { shippedBoard, shippedBoardNames } from '../../hal/board/shipped-boards.ts'
import { isCoverOpen, kindOfReply, paperOf } from '../../hal/drivers/escpos/encode.ts'
import { decodeMessage, encodeMessage } from '../../hal/drivers/ipp/codec.ts'
import { jobCondition, printerCondition } from '../../hal/drivers/ipp/condition.ts'
import {
  CONFIRMATION,
  decodeSystemParameters,
  encodeSystemParameters,
} from '../../hal/drivers/zfm/commands.ts'
import { ADDRESS_DEFAULT, encodePacket, PACKET, PacketReader } from '../../hal/drivers/zfm/packet.ts'
import { EscPosTokens } from '../../hal/sim/escpos-tokens.ts'
import { KioskError } from '../../src/base/errors.ts'
import { Random } from '../../src/finger/synthetic/random.ts'
import type { SoakContext } from '../soak.ts'
import { sbiParsers } from './sbi-parsers.ts'

const COUNT = 100_000
const STREAM_BYTES_MAX = 200
const MEMORY_MIB_MAX = 16

/** What was wrong with how these bytes were taken; undefined: nothing. */
type TakeNoise = (noise: Uint8Array) => string | undefined | Promise<string | undefined>

export interface Parser {
  /** Bytes that its messages begin with or consist of: noise loves them. */
  readonly favourites: readonly number[]
  /** One parser for all streams, as on a line that is never closed. */
  make(): TakeNoise | Promise<TakeNoise>
}

const parameters = { busy: false, librarySize: 200, security: 3, address: ADDRESS_DEFAULT } as const
const goodParameters = encodeSystemParameters({ ...parameters, packetBytes: 128, baudRate: 57_600 })
const goodPacket = encodePacket({
  address: ADDRESS_DEFAULT,
  kind: PACKET.acknowledgement,
  payload: goodParameters,
})
const goodAnswer = encodeMessage({
  code: 0,
  requestId: 7,
  groups: { printer: [{ name: 'printer-state', tag: 'enum', values: [3] }] },
})
const boards = shippedBoardNames.map(name => JSON.stringify(shippedBoard(name)))

export const parsers: Readonly<Record<string, Parser>> = {
  ...sbiParsers,
  'ZFM packets': {
    favourites: [...goodPacket],
    make() {
      const reader = new PacketReader()
      return noise => {
        reader.push(noise)
        // The line is quiet for a while, and then the module answers.
        reader.flush()
        const [found, ...others] = reader.push(goodPacket)
        if (found === undefined || others.length > 0) return 'the answer after the noise was not found'
        return Buffer.compare(found.payload, goodParameters) === 0 ? undefined : 'it was changed'
      }
    },
  },
  'ZFM parameters': {
    favourites: [CONFIRMATION.ok, 0, 3, 6, 255],
    make: () => noise => {
      for (const payload of [noise, noise.subarray(0, 17)]) {
        const read = decodeSystemParameters(payload)
        if (read !== undefined && !(read.packetBytes >= 32 && read.packetBytes <= 256)) return 'a packet size'
      }
      return decodeSystemParameters(goodParameters)?.baudRate === 57_600 ? undefined : 'the good ones'
    },
  },
  'IPP answers': {
    favourites: [...goodAnswer, 0x34, 0x37, 0x4a],
    make: () => noise => {
      for (const message of [noise, Buffer.concat([goodAnswer.subarray(0, 8), noise])]) {
        try {
          const answer = decodeMessage(message)
          jobCondition(answer)
          printerCondition(answer)
        } catch (cause) {
          if (!(cause instanceof KioskError) || cause.code !== 'hal/bad-answer') return String(cause)
        }
      }
      return printerCondition(decodeMessage(goodAnswer)).paper === 'ok' ? undefined : 'the good one'
    },
  },
  'ESC/POS status': {
    favourites: [0x12, 0x16, 0x1e, 0x72, 0x11, 0x13],
    make: () => noise => {
      for (const byte of noise) {
        if (kindOfReply(byte) !== 'status') continue
        if (typeof isCoverOpen(byte) !== 'boolean' || !['ok', 'low', 'out'].includes(paperOf(byte)))
          return 'a status'
      }
      return kindOfReply(0x12) === 'status' && paperOf(0x12) === 'ok' ? undefined : 'the good one'
    },
  },
  'ESC/POS commands (simulator)': {
    favourites: [0x10, 0x1b, 0x1d, 0x28, 0x6b, 0x04, 0x14, 0x0a],
    make() {
      const tokens = new EscPosTokens()
      return noise => {
        tokens.push(noise)
        // Longer than any command: whatever was begun is over.
        tokens.push(new Uint8Array(8300).fill(0x0a))
        const [token] = tokens.push(Uint8Array.of(0x41))
        return token?.name === 'text' ? undefined : 'it was out of step'
      }
    },
  },
  'board files': {
    favourites: [...new TextEncoder().encode('{}[]":,')],
    make() {
      let turn = 0
      return noise => {
        const text = boards[turn++ % boards.length]
        const at = noise.length === 0 ? 0 : (noise[0] * 257 + noise.length) % text.length
        const spoilt = text.slice(0, at) + new TextDecoder().decode(noise.subarray(1, 6)) + text.slice(at + 3)
        for (const file of [spoilt, new TextDecoder().decode(noise)]) {
          try {
            readBoard(file)
          } catch (cause) {
            if (!(cause instanceof KioskError) || cause.code !== 'config/bad-value')
              return `it threw ${cause}`
          }
        }
        return undefined
      }
    },
  },
}

export async function partParsers({ seed, count = COUNT, print, progress }: SoakContext): Promise<boolean> {
  let held = true
  for (const [name, { favourites, make }] of Object.entries(parsers)) {
    const random = new Random(seed, 0x9a45)
    const take = await make()
    let failures = 0
    let bytes = 0
    const heldBefore = heldBytes()
    for (let i = 0; i < count; i++) {
      const noise = noiseOf(favourites, random)
      bytes += noise.length
      const failure = await take(noise)
      if (failure !== undefined && failures++ === 0)
        print({ failure, parser: name, at: i, input: Buffer.from(noise).toString('hex') })
      if (i % 1000 === 0) {
        progress(`${name}: ${i} of ${count}`)
        await setImmediate()
      }
    }
    const memoryMiB = Math.max(0, Math.round((heldBytes() - heldBefore) / 2 ** 20))
    if (failures > 0 || memoryMiB > MEMORY_MIB_MAX) held = false
    print({ parser: name, streams: count, bytes, failures, memoryMiB, memoryMiBMax: MEMORY_MIB_MAX })
  }
  return held
}

/** What is still referenced: garbage is collected first. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

function noiseOf(favourites: readonly number[], random: Random): Uint8Array {
  return Uint8Array.from({ length: random.below(STREAM_BYTES_MAX) }, () =>
    random.below(3) > 0 ? favourites[random.below(favourites.length)] : random.below(256),
  )
}
