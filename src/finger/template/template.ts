/**
 * Minutiae of one sample: the engine's working form, a structure of arrays, all of length `count`.
 * Positions are pixels at 500 dpi from the top left of the image; x to the right, y down.
 */
export interface Template {
  readonly count: number
  /** Size of the image at 500 dpi, pixels. */
  readonly widthPx: number
  readonly heightPx: number
  readonly xPx: Float32Array
  readonly yPx: Float32Array
  /**
   * Where the ridge goes from the minutia, as ISO/IEC 19794-2 has it: radians 0…2π, anticlockwise
   * from the positive x axis (so y counts upwards for angles).
   */
  readonly directionRad: Float32Array
  readonly kind: Uint8Array
  /** 0…1: how likely the minutia is real. 1 where the source did not say. */
  readonly reliability: Float32Array
  /** 0-100 of the sample the template came from; undefined where the source did not say. */
  readonly quality?: number
  /** Ridge orientation of the sample. Absent in a template read from an interchange format. */
  readonly orientation?: OrientationMap
}

/** Minutia kinds, numbered as ISO/IEC 19794-2 has them. */
export const KIND = { other: 0, ending: 1, bifurcation: 2 } as const

export const MINUTIAE_MAX = 100

/** Ridge orientation on a square grid; cell (0, 0) is centred on pixel (cellPx / 2, cellPx / 2). */
export interface OrientationMap {
  readonly cellPx: number
  readonly columns: number
  readonly rows: number
  /** Angle of the ridge, 0…255 for 0…π anticlockwise from the x axis. */
  readonly angle: Uint8Array
  /** 0: no finger here. 1…255: how coherent. */
  readonly coherence: Uint8Array
}
