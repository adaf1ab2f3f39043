/**
 * The hot loops of extraction. Pointers are byte offsets into the module's memory, which
 * `template/workspace.ts` lays out; sizes are in pixels or cells. Nothing here allocates.
 *
 * Planes hold i16 with 2048 for a deviation of 1, fields f32 with one value per cell of 4 × 4 pixels. A
 * plane's pointer is its pixel (0, 0); around it lies a margin that reads as 0. Widths are multiples of
 * 16 pixels, so fields have multiples of 4 columns.
 */
export { addScaled, blur, moments } from './extraction/fields'
export { classify, gabor } from './extraction/gabor'
export { periods } from './extraction/periods'
export { clarity, evenContrast, normalise, tensor } from './extraction/planes'
export { residues } from './extraction/residues'
export { filterChunks, ridgeFilter } from './extraction/ridge-filter'

/** Memory from here on is the caller's. */
export function heapBase(): usize {
  return __heap_base
}
