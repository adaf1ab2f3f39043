/** Of a keypad, and in no code: who types into a field needs them as well. */
export const commandKeys: ReadonlySet<string> = new Set(['*', '/', '.'])

export const moveKeys: ReadonlyMap<string, 1 | -1> = new Map([
  ['+', 1],
  ['ArrowDown', 1],
  ['ArrowRight', 1],
  ['-', -1],
  ['ArrowUp', -1],
  ['ArrowLeft', -1],
])

/** The next thing that can be chosen, in the order of the screen; from where the focus is, or from the heading. */
export function moveFocus(root: Element, by: 1 | -1): void {
  const layer = root.querySelector('[role=dialog]') ?? root
  const targets = [...layer.querySelectorAll<HTMLElement>('button:enabled, input')].filter(
    target => !target.matches('[data-silent]') && target.checkVisibility(),
  )
  if (targets.length === 0) return
  const from = layer.contains(document.activeElement) ? document.activeElement : layer.querySelector('h1, h2')
  const at = targets.indexOf(from as HTMLElement)
  if (at >= 0) targets[(at + by + targets.length) % targets.length].focus()
  else targets.at(by > 0 ? firstAfter(targets, from) : firstAfter(targets, from) - 1)?.focus()
}

/** 0 where none follows: then the first one does. */
function firstAfter(targets: readonly Element[], from: Element | null): number {
  if (from === null) return 0
  return Math.max(
    0,
    targets.findIndex(target => from.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING),
  )
}
