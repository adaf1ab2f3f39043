/** How bytes may stand in a file: as they are, in hex, and in base64 at each of its three offsets. */
export function encodings(bytes: Buffer): Buffer[] {
  const base64 = [0, 1, 2].map(offset => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    // The first and last characters hold bits of their neighbours.
    return text.slice(Math.ceil((offset * 4) / 3), -4)
  })
  const url = base64.map(text => text.replaceAll('+', '-').replaceAll('/', '_'))
  const hex = bytes.toString('hex')
  return [bytes, ...[hex, hex.toUpperCase(), ...base64, ...url].map(text => Buffer.from(text))]
}
