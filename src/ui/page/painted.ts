const PAINTED_PATH = '/painted'
/** A kiosk that hears nothing for four of them has the screen started anew (`src/health/screen-watch.ts`). */
const SAY_MS = 15_000
const LOOK_MS = 1_000

/** From now on the kiosk is told that its page is there: that the visit it shows has been painted and can be seen. */
export function sayPainted(root: Element, visit: () => number | undefined): void {
  let said: { readonly visit: number; readonly atMs: number } | undefined
  const say = () => {
    const shown = visit()
    if (shown === undefined || !isSeen(root)) return
    said = { visit: shown, atMs: performance.now() }
    const body = JSON.stringify({ visit: shown })
    const headers = { 'content-type': 'application/json' }
    // Whether it is heard or not, the page goes on.
    fetch(PAINTED_PATH, { method: 'POST', headers, body }).catch(() => {})
  }
  setInterval(() => {
    if (said !== undefined && said.visit === visit() && performance.now() - said.atMs < SAY_MS) return
    // In the second frame, the first one has been drawn.
    requestAnimationFrame(() => requestAnimationFrame(say))
  }, LOOK_MS)
}

/** Every screen has a heading: where it has no size, or is hidden, the page is blank. */
function isSeen(root: Element): boolean {
  const heading = root.querySelector('h1')
  if (heading === null) return false
  const { width, height } = heading.getBoundingClientRect()
  return (
    width > 0 && height > 0 && heading.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  )
}
