/** The package's other half, which only simulated scanners and tests use. */
declare module '@cornerstonejs/codec-openjpeg/wasmjs' {
  interface Encoder {
    /** Where the pixels go. */
    getDecodedBuffer(frameInfo: {
      width: number
      height: number
      bitsPerSample: number
      componentCount: number
      isSigned: boolean
    }): Uint8Array
    setQuality(isLossless: boolean, quality: number): void
    encode(): void
    getEncodedBuffer(): Uint8Array
    delete(): void
  }
  const load: (options: {
    print(line: string): void
    printErr(line: string): void
  }) => Promise<{ J2KEncoder: new () => Encoder }>
  export default load
}
