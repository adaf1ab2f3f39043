/** Pieces that more than one view is made of. */
import { type Child, h } from '../../page/element.ts'
import type { KioskSummary } from '../kiosk-summary.ts'
import type { Trouble } from '../troubles.ts'
import type { FleetTexts } from './texts/texts.ts'

export type Cell = Child | readonly Child[]

/** A table that can be scrolled sideways by keyboard, too. `numeric`: columns, from 0, that are aligned to the right. */
export function table(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  numeric: readonly number[] = [],
): Element {
  const align = (column: number) => (numeric.includes(column) ? 'number' : undefined)
  return h(
    'div',
    { class: 'wide', tabindex: 0, role: 'region', 'aria-label': caption },
    h(
      'table',
      {},
      h('caption', {}, caption),
      h(
        'thead',
        {},
        h('tr', {}, ...columns.map((name, column) => h('th', { scope: 'col', class: align(column) }, name))),
      ),
      h(
        'tbody',
        {},
        ...rows.map(cells =>
          h(
            'tr',
            {},
            ...cells.map((cell, column) => {
              const children = Array.isArray(cell) ? (cell as readonly Child[]) : [cell as Child]
              return column === 0
                ? h('th', { scope: 'row' }, ...children)
                : h('td', { class: align(column) }, ...children)
            }),
          ),
        ),
      ),
    ),
  )
}

export function facts(pairs: readonly (readonly [string, Child])[]): Element {
  return h(
    'dl',
    { class: 'facts' },
    ...pairs.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  )
}

export function tile(name: string, value: string, detail?: string): Element {
  return h(
    'div',
    { class: 'tile' },
    h('dt', {}, name),
    h('dd', {}, value, detail === undefined ? undefined : h('small', {}, detail)),
  )
}

export function stateMark(texts: FleetTexts, state: KioskSummary['state']): Element {
  return h('span', { class: `state ${state}` }, texts.states[state])
}

export function troubleBadge(texts: FleetTexts, { name, about }: Trouble): Element {
  const isCode = name === 'part-down' || name === 'poor-samples'
  return h(
    'span',
    { class: 'badge' },
    texts.troubles[name],
    isCode && about !== '' ? `: ${about}` : undefined,
  )
}

export function kioskLink(kiosk: string): Element {
  return h('a', { href: `#/kiosk/${kiosk}` }, kiosk)
}

/** A choice that is sent as soon as it is made; `name` is its part of the address. */
export function choice(
  label: string,
  name: string,
  options: readonly (readonly [value: string, text: string])[],
  chosen: string,
): Element {
  return h(
    'label',
    {},
    label,
    h(
      'select',
      { name, 'data-filter': true },
      ...options.map(([value, text]) => h('option', { value, selected: value === chosen }, text)),
    ),
  )
}
