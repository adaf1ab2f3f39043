/** What must hold on every screen, whatever it shows. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page as Tab } from 'playwright-core'
import type { Test } from 'tap'

const TARGET_PX_MIN = 60
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

interface Violation {
  readonly id: string
  readonly help: string
  readonly nodes: readonly { readonly html: string }[]
}

/** No rule of WCAG 2.2 AA is broken, and everything is in reach. */
export async function inspect(t: Test, tab: Tab, screen: string): Promise<void> {
  t.same(await violationsOf(tab), [], `${screen}: accessible`)
  await inReach(t, tab, screen)
}

/** Rules of WCAG 2.2 AA that are broken on what the tab shows. */
export async function violationsOf(tab: Tab) {
  await tab.evaluate(axeSource)
  return tab.evaluate(async tags => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: Violation[] }> }
    }
    const { violations } = await axe.run({ runOnly: { type: 'tag', values: tags } })
    return violations.map(({ id, help, nodes }) => ({ id, help, html: nodes.map(node => node.html) }))
  }, rules)
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Whatever can be touched is large, and in sight without scrolling. */
export async function inReach(t: Test, tab: Tab, screen: string): Promise<void> {
  const { width, height } = tab.viewportSize()!
  // All at one moment: the screen may be another one soon.
  const targets = await tab.evaluate(() => {
    interface Target {
      readonly textContent: string
      getBoundingClientRect(): Box
      checkVisibility(): boolean
      closest(selector: string): unknown
      contains(other: unknown): boolean
    }
    const { document } = globalThis as unknown as {
      document: {
        querySelectorAll(selector: string): Iterable<Target>
        elementFromPoint(x: number, y: number): unknown
      }
    }
    return [...document.querySelectorAll('button, input')]
      .filter(target => target.checkVisibility() && target.closest('[inert]') === null)
      .map(target => {
        const { x, y, width, height } = target.getBoundingClientRect()
        const onTop = document.elementFromPoint(x + width / 2, y + height / 2)
        return { name: target.textContent, x, y, width, height, isCovered: !target.contains(onTop) }
      })
  })
  const far = targets.filter(
    box =>
      box.isCovered ||
      Math.min(box.width, box.height) < TARGET_PX_MIN ||
      Math.min(box.x, box.y) < 0 ||
      box.x + box.width > width ||
      box.y + box.height > height,
  )
  t.same(far, [], `${screen}: large and in sight`)
}
