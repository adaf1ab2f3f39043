import { join } from 'node:path'
import { KioskError } from '../../base/errors.ts'
import type { Frame } from '../../finger/image/frame.ts'
import type { FingerPosition } from '../../record/finger-position.ts'
import { listFolder } from '../files.ts'
import { readFrame } from '../finger/sample.ts'

/**
 * The images of a folder in name order, one a finger, in the order of the capture plan. Rejects with
 * `io/unreadable`, `image/…`, and with `usage/bad-option` where there is none or more than the plan has
 * fingers.
 */
export async function readFingerImages(
  folder: string,
  plan: readonly number[],
  options: { readonly dpi?: number } = {},
): Promise<Map<FingerPosition, Frame>> {
  const names = await listFolder(folder)
  if (names.length === 0 || names.length > plan.length)
    throw new KioskError('usage/bad-option', {
      problem: `${folder} holds ${names.length} files; one image a finger is needed, 1 to ${plan.length} in name order`,
    })
  const frames = new Map<FingerPosition, Frame>()
  for (const [index, name] of names.entries())
    frames.set(plan[index] as FingerPosition, await readFrame(join(folder, name), options))
  return frames
}
