import assert from 'node:assert'

/** The specification's names of fingers, by ISO position (1-10); index 0 is unknown. */
const names = [
  'UNKNOWN',
  'Right Thumb',
  'Right IndexFinger',
  'Right MiddleFinger',
  'Right RingFinger',
  'Right LittleFinger',
  'Left Thumb',
  'Left IndexFinger',
  'Left MiddleFinger',
  'Left RingFinger',
  'Left LittleFinger',
] as const
export type FingerName = (typeof names)[number]

const UNKNOWN = 0
const RIGHT_INDEX = 2
/** Where a four-finger scanner is told which fingers to expect; everything else is index 0. */
const slapModules = [
  { deviceSubId: 1, positions: [7, 8, 9, 10] },
  { deviceSubId: 2, positions: [2, 3, 4, 5] },
  { deviceSubId: 3, positions: [1, 6] },
] as const

export function fingerName(position: number): FingerName {
  assert(position >= 0 && position < names.length)
  return names[position]
}

/** Undefined for what is no finger's name. */
export function positionOf(name: string): number | undefined {
  const position = (names as readonly string[]).indexOf(name)
  return position < 0 ? undefined : position
}

/** How one finger is asked for. */
export interface FingerRequest {
  readonly deviceSubId: number
  readonly finger: FingerName
  /** The other fingers of the hand: on a four-finger scanner, those that are not to be placed. */
  readonly exceptions: readonly FingerName[]
}

/**
 * One finger at a time, on whatever scanner: not everybody can place four. A four-finger scanner wants to know which
 * one (where nobody says, the right index), and takes the fingers beside it as exceptions.
 */
export function fingerRequest(
  slap: boolean,
  subIds: readonly number[],
  position: number | undefined,
): FingerRequest {
  if (!slap) {
    const deviceSubId = subIds.includes(0) ? 0 : (subIds.at(0) ?? 0)
    return { deviceSubId, finger: fingerName(position ?? UNKNOWN), exceptions: [] }
  }
  const asked = position ?? RIGHT_INDEX
  const module = slapModules.find(({ positions }) => positions.some(one => one === asked))
  assert(module !== undefined, 'positions are 1 to 10')
  const exceptions = module.positions.filter(one => one !== asked).map(fingerName)
  return { deviceSubId: module.deviceSubId, finger: fingerName(asked), exceptions }
}
