/**
 * Elements as values, and a patch that changes only what differs: a button that somebody is touching, and
 * the focus, stay where they are while the view behind them moves on.
 */
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>
export type Child = Element | string | undefined | false

const SVG = 'http://www.w3.org/2000/svg'
const svgTags = new Set([
  'svg',
  'g',
  'path',
  'polyline',
  'line',
  'text',
  'rect',
  'circle',
  'ellipse',
  'title',
])

/** An attribute that is `undefined` or `false` is left out; `true` is the empty one. */
export function h(tag: string, attributes: Attributes = {}, ...children: readonly Child[]): Element {
  const element = svgTags.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : String(value))
  for (const child of children) if (child) element.append(child)
  return element
}

/** Makes `old` like `fresh`. Elements with another `data-key` or tag are replaced. */
export function patch(old: Element, fresh: Element): void {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name)
  for (const { name, value } of fresh.attributes)
    if (old.getAttribute(name) !== value) old.setAttribute(name, value)
  const wanted = [...fresh.childNodes]
  wanted.forEach((node, index) => {
    const present = old.childNodes[index]
    if (present === undefined) old.append(node)
    else if (!sameKind(present, node)) present.replaceWith(node)
    else if (node instanceof Element) patch(present as Element, node)
    else if (present.nodeValue !== node.nodeValue) present.nodeValue = node.nodeValue
  })
  while (old.childNodes.length > wanted.length) old.lastChild?.remove()
}

function sameKind(a: Node, b: Node): boolean {
  if (a.nodeName !== b.nodeName) return false
  if (!(a instanceof Element && b instanceof Element)) return true
  return a.getAttribute('data-key') === b.getAttribute('data-key')
}
