/** A piece of an ESC/POS stream: a printable byte, or a command with its parameters. */
export interface EscPosToken {
  /** Name as `ESC @`; `text` for a printable byte. */
  readonly name: string
  readonly parameters: readonly number[]
}

const DATA_BYTES_MAX = 8192

/** Command name → length in bytes, its name included; 0: the length stands in the command. */
const commands: ReadonlyMap<string, { name: string; bytes: number }> = new Map(
  Object.entries({
    '10 04': { name: 'DLE EOT', bytes: 3 },
    '10 05': { name: 'DLE ENQ', bytes: 3 },
    '10 14': { name: 'DLE DC4', bytes: 10 },
    '1b 40': { name: 'ESC @', bytes: 2 },
    '1b 61': { name: 'ESC a', bytes: 3 },
    '1b 45': { name: 'ESC E', bytes: 3 },
    '1b 64': { name: 'ESC d', bytes: 3 },
    '1b 74': { name: 'ESC t', bytes: 3 },
    '1d 21': { name: 'GS !', bytes: 3 },
    '1d 72': { name: 'GS r', bytes: 3 },
    '1d 56': { name: 'GS V', bytes: 4 },
    '1d 28': { name: 'GS (', bytes: 0 },
    '1d 76': { name: 'GS v', bytes: 0 },
  }),
)

/** Cuts a stream into tokens. What it does not know it skips; what it holds is bounded. */
export class EscPosTokens {
  private held: number[] = []

  push(bytes: Uint8Array): EscPosToken[] {
    const tokens: EscPosToken[] = []
    for (const byte of bytes) {
      this.held.push(byte)
      const token = this.look()
      if (token === 'more') continue
      this.held = []
      if (token !== 'unknown') tokens.push(token)
    }
    return tokens
  }

  private look(): EscPosToken | 'more' | 'unknown' {
    const { held } = this
    if (held[0] === 0x0a) return { name: 'LF', parameters: [] }
    if (held[0] >= 0x20) return { name: 'text', parameters: [held[0]] }
    if (held[0] !== 0x10 && held[0] !== 0x1b && held[0] !== 0x1d) return 'unknown'
    if (held.length < 2) return 'more'
    const command = commands.get(
      held
        .slice(0, 2)
        .map(byte => byte.toString(16).padStart(2, '0'))
        .join(' '),
    )
    if (command === undefined) return 'unknown'
    let { bytes } = command
    if (bytes === 0) {
      const isPicture = command.name === 'GS v'
      if (held.length < (isPicture ? 8 : 5)) return 'more'
      bytes = isPicture
        ? 8 + (held[4] + 256 * held[5]) * (held[6] + 256 * held[7])
        : 5 + held[3] + 256 * held[4]
      if (bytes > DATA_BYTES_MAX) return 'unknown'
    }
    return held.length < bytes ? 'more' : { name: command.name, parameters: held.slice(2) }
  }
}
