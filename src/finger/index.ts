/**
 * The fingerprint engine as a library: `import { extract, compare, Gallery } from 'tunggal/finger'`.
 *
 * Image bytes → `decodeImage` → `Frame` → `extract` → `Template` and `Quality` → `compare`, `Gallery`.
 * Templates travel as ISO/IEC 19794-2 records through `readInterchange` and `writeInterchange`.
 * Pure: no files, no network, no clock; the same input gives the same result bit for bit on every
 * processor. Failures are `KioskError`s, whose `code` says what to do.
 */
export { type ErrorCode, KioskError } from '../base/errors.ts'
export { compare, comparePrepared, type Prepared, prepare, THRESHOLD } from './compare/compare.ts'
export type { Candidate, Comparison, Quality, QualityReason, SearchOptions, SearchResult } from './engine.ts'
export { decodeImage } from './image/decode.ts'
export { decodeFir } from './image/decode-fir.ts'
export { encodePng } from './image/encode-png.ts'
export { type FirView, writeFir } from './image/fir.ts'
export type { Frame } from './image/frame.ts'
export { resample } from './image/resample.ts'
export { EXHAUSTIVE_MAX, type FusedCandidate, Gallery } from './prefilter/gallery.ts'
export type { FingerOf } from './prefilter/people.ts'
export { QUALITY_MIN } from './quality/judge.ts'
export { nativeMeasures } from './quality/native/native-measures.ts'
export { type QualityMap, qualityMap } from './quality/quality-map.ts'
export { packTemplate, unpackTemplate } from './template/at-rest.ts'
export { extract } from './template/extract.ts'
export { readInterchange, writeInterchange } from './template/interchange.ts'
export { KIND, MINUTIAE_MAX, type OrientationMap, type Template } from './template/template.ts'
