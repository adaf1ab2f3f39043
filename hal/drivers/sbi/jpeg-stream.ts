import { badAnswer } from './http.ts'

/** A preview of a four-finger scanner; live images are a few tens of kilobytes. */
const IMAGE_BYTES_MAX = 1024 * 1024
const [MARKER, START, END, SCAN] = [0xff, 0xd8, 0xd9, 0xda]

/**
 * Finds JPEG images in a stream, whatever stands between them: services put headers of their own there, and the
 * specification leaves open which.
 *
 *     FF D8 | FF marker, length u16 (these two bytes included), … | FF DA, length, … coded image … | FF D9
 *
 * Segments are stepped over by their length, since a small picture inside of one has an end of its own; in the coded
 * image FF is followed by 00 or a restart marker, so that its end cannot be mistaken. Holds one image at most.
 */
export class JpegStream {
  private held: Uint8Array = new Uint8Array(4096)
  private heldBytes = 0
  /** Where the image begins that is held, or the search for one goes on. */
  private from = 0
  /** Where to look on: before it, everything is part of the image. 0: no image has begun. */
  private at = 0
  private isScanning = false

  /** The images that these bytes complete. Throws `hal/bad-answer` for one that has no end. */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    const images: Uint8Array[] = []
    this.hold(bytes)
    for (let end = this.look(); end !== undefined; end = this.look()) {
      images.push(this.held.slice(this.from, end))
      this.searchFrom(end)
    }
    this.compact()
    if (this.heldBytes > IMAGE_BYTES_MAX) throw badAnswer('a live image has no end')
    return images
  }

  /** Forgets what it holds: part of a finger. */
  clear(): void {
    this.held.fill(0)
    this.heldBytes = 0
    this.searchFrom(0)
  }

  /** Where the first image ends, once it is whole. */
  private look(): number | undefined {
    for (;;) {
      if (this.at === 0 && !this.findStart()) return undefined
      if (this.isScanning) return this.findEnd()
      const { held, at } = this
      if (at + 4 > this.heldBytes) return undefined
      const lengthBytes = (held[at + 2] << 8) | held[at + 3]
      const isSegment = held[at] === MARKER && held[at + 1] >= 0xc0 && ![START, END].includes(held[at + 1])
      // No JPEG after all: the search goes on behind its first byte.
      if (!isSegment || lengthBytes < 2) this.searchFrom(this.from + 1)
      else {
        this.isScanning = held[at + 1] === SCAN
        this.at = at + 2 + lengthBytes
      }
    }
  }

  private findStart(): boolean {
    const { held, heldBytes } = this
    for (; this.from + 2 < heldBytes; this.from++) {
      const { from } = this
      if (held[from] !== MARKER || held[from + 1] !== START || held[from + 2] !== MARKER) continue
      this.at = from + 2
      return true
    }
    return false
  }

  private findEnd(): number | undefined {
    const { held, heldBytes } = this
    for (; this.at + 1 < heldBytes; this.at++)
      if (held[this.at] === MARKER && held[this.at + 1] === END) return this.at + 2
    return undefined
  }

  private searchFrom(from: number): void {
    this.from = from
    this.at = 0
    this.isScanning = false
  }

  private hold(bytes: Uint8Array): void {
    if (this.heldBytes + bytes.length > this.held.length) {
      const larger = new Uint8Array(2 * (this.heldBytes + bytes.length))
      larger.set(this.held.subarray(0, this.heldBytes))
      this.held.fill(0)
      this.held = larger
    }
    this.held.set(bytes, this.heldBytes)
    this.heldBytes += bytes.length
  }

  /** Lets go of what is no part of an image. */
  private compact(): void {
    this.held.copyWithin(0, this.from, this.heldBytes)
    this.heldBytes -= this.from
    if (this.at > 0) this.at -= this.from
    this.from = 0
  }
}
