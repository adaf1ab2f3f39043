/** What we use of the package, which brings no types. */
declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  interface Decoder {
    /** Room for the file, inside of the module's memory. */
    getEncodedBuffer(bytes: number): Uint8Array
    decode(): void
    /** All zero where decoding failed. */
    getFrameInfo(): {
      width: number
      height: number
      bitsPerSample: number
      componentCount: number
      isSigned: boolean
    }
    getDecodedBuffer(): Uint8ClampedArray
    delete(): void
  }
  export interface OpenJpeg {
    J2KDecoder: new () => Decoder
  }
  const load: (options: { print(line: string): void; printErr(line: string): void }) => Promise<OpenJpeg>
  export default load
}
