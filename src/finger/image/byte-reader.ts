/**
 * Big-endian fields from bytes of strangers. Reading past the end is the file's fault, not ours: it throws
 * what `failure` makes of the reason.
 */
export class ByteReader {
  private readonly view: DataView

  constructor(
    readonly bytes: Uint8Array,
    private readonly failure: (why: string) => Error,
    /** Where the next field is read. */
    public at = 0,
    /** Nothing is read from here on. */
    public end = bytes.length,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.end - this.at
  }

  u8(): number {
    return this.view.getUint8(this.take(1))
  }

  u16(): number {
    return this.view.getUint16(this.take(2))
  }

  u32(): number {
    return this.view.getUint32(this.take(4))
  }

  /** The next `count` bytes, not copied. */
  slice(count: number): Uint8Array {
    const at = this.take(count)
    return this.bytes.subarray(at, at + count)
  }

  skip(count: number): void {
    this.take(count)
  }

  /** From now on the end is `length` bytes after `start`. Records say how long they are; padding may follow. */
  endAt(start: number, length: number): void {
    if (start + length > this.end || start + length < this.at)
      throw this.failure(`its length says ${length} bytes, there are ${this.end - start}`)
    this.end = start + length
  }

  private take(count: number): number {
    const at = this.at
    if (count > this.left) throw this.failure('it ends too early')
    this.at += count
    return at
  }
}
