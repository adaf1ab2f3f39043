import { h } from '../../page/element.ts'
import type { FingerProgress } from '../../record/visit-view.ts'
import type { PageTexts } from '../texts/texts.ts'

/** A right hand seen from its back, thumb to little finger: where each begins, its length, its tilt in degrees. */
const rightFingers = [
  { x: 96, y: 232, length: 92, tilt: -50 },
  { x: 78, y: 164, length: 112, tilt: -8 },
  { x: 109, y: 154, length: 122, tilt: 0 },
  { x: 140, y: 160, length: 112, tilt: 6 },
  { x: 169, y: 174, length: 84, tilt: 13 },
] as const
const HAND_WIDTH = 210
const FINGER_WIDTH = 28
const PALM = 'M62 166 Q62 148 82 148 H166 Q186 150 185 172 L178 246 Q174 290 126 290 Q92 290 78 252 Z'

/** Both hands as their owner sees them on the glass: left on the left. The finger asked for is marked. */
export function hands(texts: PageTexts, fingers: readonly FingerProgress[]): Element {
  const current = fingers.find(finger => finger.state === 'current')
  const label = current ? texts.fingers[current.position - 1] : `${texts.leftHand}, ${texts.rightHand}`
  return h(
    'svg',
    { class: 'hands', viewBox: '0 0 470 300', role: 'img', 'aria-label': label, 'data-say': '' },
    h('g', { transform: `translate(${HAND_WIDTH} 0) scale(-1 1)` }, ...hand(fingers, 6, true)),
    h('g', { transform: 'translate(260 0)' }, ...hand(fingers, 1, false)),
  )
}

function hand(
  fingers: readonly FingerProgress[],
  firstPosition: number,
  mirrored: boolean,
): readonly Element[] {
  const palm = h('path', { class: 'palm', d: PALM })
  const drawn = rightFingers.map(({ x, y, length, tilt }, index) => {
    const progress = fingers.find(finger => finger.position === firstPosition + index)
    const state = progress?.state ?? 'absent'
    const tip = y - length
    return h(
      'g',
      { class: `finger ${state}`, transform: `rotate(${tilt} ${x} ${y})` },
      h('rect', {
        x: x - FINGER_WIDTH / 2,
        y: tip,
        width: FINGER_WIDTH,
        height: length + FINGER_WIDTH / 2,
        rx: FINGER_WIDTH / 2,
      }),
      // Upright whatever the finger's tilt, and whichever hand.
      h(
        'g',
        { transform: `translate(${x} ${tip + 20}) rotate(${-tilt})${mirrored ? ' scale(-1 1)' : ''}` },
        mark(state),
      ),
    )
  })
  return [palm, ...drawn]
}

/** Not by colour alone: a tick for a finger that is kept, a cross for an exception, a ring for the one to place. */
function mark(state: FingerProgress['state'] | 'absent'): Element | undefined {
  switch (state) {
    case 'kept':
      return h('path', { class: 'mark', d: 'M-8 0 l6 7 l11 -13' })
    case 'excepted':
      return h('path', { class: 'mark', d: 'M-7 -7 l14 14 m0 -14 l-14 14' })
    case 'current':
      return h('circle', { class: 'tip', r: 26 })
    case 'waiting':
    case 'absent':
      return undefined
  }
}
