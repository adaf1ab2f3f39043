/** The page's own, by their names (UI Events: KeyboardEvent key values); Home, End and PageUp move about in any page. */
const KEYS: ReadonlySet<string> = new Set([
  'Tab',
  'Enter',
  'Escape',
  'Backspace',
  'Delete',
  'Shift',
  'ArrowUp',
  'ArrowDown',
  'ArrowLeft',
  'ArrowRight',
  'Home',
  'End',
  'PageUp',
  'PageDown',
])

/**
 * From now on what a browser has work of its own for does nothing: keys for help, reload or home, the menu of a long
 * touch, a picture that is dragged. There is nowhere to go from here, and a reload is a screen without a page.
 */
export function stayHere(document: Document): void {
  const nothing = (event: Event) => event.preventDefault()
  document.addEventListener('keydown', event => {
    if (event.key.length > 1 && !KEYS.has(event.key)) nothing(event)
  })
  document.addEventListener('contextmenu', nothing)
  document.addEventListener('dragstart', nothing)
}
