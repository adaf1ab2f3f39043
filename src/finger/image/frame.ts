/** An image of one finger: 8-bit grey, ridges dark, row by row from the top left. */
export interface Frame {
  readonly widthPx: number
  readonly heightPx: number
  readonly resolutionDpi: number
  /** widthPx × heightPx grey levels, 0 black. */
  readonly pixels: Uint8Array
}
