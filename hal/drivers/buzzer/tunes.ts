import type { Notice } from '../../ports/notice.ts'

/** Milliseconds of sound and silence in turn, sound first: told apart by number and length, not by pitch. */
export const tunes: Readonly<Record<Notice, readonly number[]>> = {
  ready: [120],
  busy: [40],
  attention: [150, 150, 150],
  fault: [600],
  'help-called': [200, 150, 200, 150, 200],
}
