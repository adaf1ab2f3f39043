/**
 * 1:1 comparison of two prepared prints (`compare/prepare.ts` lays their bytes out). Pointers are byte
 * offsets into the module's memory. Nothing here allocates; what one comparison leaves behind, the next
 * overwrites.
 */
export { agreementAt, cellOfAt, cellXAt, cellYAt, describe, nearnessAt, turnsAt } from './comparison/describe'
export { exitsAt, featuresAt, measure, slotA, slotB, workbench } from './comparison/measure'
