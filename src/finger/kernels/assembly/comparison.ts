/**
 * 1:1 comparison of two prepared prints (`compare/prepare.ts` lays their bytes out). Pointers are byte
 * offsets into the module's memory. Nothing here allocates; what one comparison leaves behind, the next
 * overwrites.
 */
export { exitsAt, featuresAt, measure, slotA, slotB } from './comparison/measure'
