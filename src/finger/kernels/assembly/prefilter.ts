/** Codes of minutiae: see `prefilter/codes.ts`. Pointers are byte offsets; nothing here allocates. */
export { codesAt, describeAll, descriptorsAt, flippedAt, minutiaeAt, projectionAt, tablesAt } from './prefilter/codes'
