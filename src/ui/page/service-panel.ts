/** The technician's screen: how the kiosk is, and what can be tried. */

import { type Child, h } from '../../page/element.ts'
import type { ServiceTask, ServiceView, TaskOutcome } from '../operations.ts'
import type { PageTexts } from '../texts/texts.ts'
import { dialog } from './panels.ts'
import { local, type Screen } from './screens.ts'

const SECOND_MS = 1000
/** Those of parts stand with the parts. */
const areas = ['network', 'slots', 'certificates', 'store', 'machine'] as const

/** What a technician has before them. Without a view while the first one is being made. */
export interface ServiceState {
  readonly view?: ServiceView
  readonly page?: 'tools'
  readonly running?: ServiceTask['name']
  readonly outcome?: TaskOutcome
  readonly asksReboot?: boolean
}

export function servicePanel(screen: Screen): Element {
  const { texts, local: state } = screen
  const { view, page } = state.service ?? {}
  if (view === undefined)
    return dialog(
      texts.serviceTitle,
      [h('p', { role: 'status' }, texts.checking)],
      [local(texts.close, 'service-close', 'primary')],
      'wide',
    )
  return page === 'tools' ? tools(screen, view) : condition(screen, view)
}

function condition({ facts, texts }: Screen, view: ServiceView): Element {
  const checks = view.checks ?? []
  return dialog(
    texts.serviceTitle,
    [
      h('p', {}, `${view.kiosk} · ${texts.version} ${view.version}`),
      ...outbox(texts, view, facts.timeZone),
      section(
        texts.parts,
        view.parts.map(({ name, kind, up, detail }) => {
          const check = checks.find(({ check }) => check === `part ${name}`)
          const said = up && check !== undefined ? withRemedy(check) : detail
          return line(texts, up && check?.ok !== false, `${name} (${kind})`, said)
        }),
      ),
      ...areas.map(area => {
        const found = checks.filter(check => check.area === area)
        if (found.length === 0) return undefined
        return section(
          texts.checkAreas[area],
          found.map(check => line(texts, check.ok, check.check, withRemedy(check))),
        )
      }),
    ],
    [
      local(texts.checkAgain, 'service-again'),
      local(texts.serviceTools, 'service-page:tools'),
      local(texts.close, 'service-close', 'primary'),
    ],
    'wide',
  )
}

function tools({ texts, local: { service = {} } }: Screen, view: ServiceView): Element {
  const { running, outcome, asksReboot } = service
  const task = (name: string, action: string) =>
    local(name, `service-task:${action}`, '', running !== undefined)
  const printers = view.parts.filter(({ kind }) => kind === 'receipt-printer' || kind === 'document-printer')
  return dialog(
    texts.serviceTools,
    [
      h(
        'div',
        { class: 'tools' },
        h('div', { class: 'result' }, ...told(texts, { running, outcome, asksReboot })),
        h(
          'div',
          { class: 'tasks' },
          ...(asksReboot
            ? [local(texts.rebootSure, 'service-task:reboot'), local(texts.back, 'service-page:tools')]
            : [
                task(texts.testSensor, 'capture'),
                ...printers.map(({ name }) => task(texts.testPrinter(name), `print:${name}`)),
                task(texts.exportDiagnostics, 'export'),
                local(texts.reboot, 'service-reboot', '', running !== undefined),
              ]),
        ),
      ),
    ],
    [local(texts.serviceState, 'service-page:'), local(texts.close, 'service-close', 'primary')],
    'wide',
  )
}

function told(
  texts: PageTexts,
  { running, outcome, asksReboot }: Pick<ServiceState, 'running' | 'outcome' | 'asksReboot'>,
): readonly Child[] {
  const say = (text: string, urgent = false) =>
    h('p', { role: 'status', class: urgent ? 'instruction urgent' : 'instruction' }, text)
  if (asksReboot) return [say(texts.rebootHint, true)]
  if (running !== undefined) return [say(texts.tasksRunning[running])]
  switch (outcome?.kind) {
    case undefined:
      return [say(texts.toolsHint)]
    case 'captured':
      return captured(texts, outcome, say)
    case 'printed':
      return [say(texts.printed)]
    case 'exported':
      return [say(texts.exported(outcome.file))]
    case 'rebooting':
      return [say(texts.rebooting)]
    case 'visit':
      return [say(texts.taskVisit, true)]
    case 'no-drive':
      return [say(texts.noDrive, true)]
    case 'no-reboot':
      return [say(texts.noReboot, true)]
    case 'failed':
      return [say(texts.taskFailed(outcome.code), true), h('p', { lang: 'en' }, outcome.detail)]
  }
}

function captured(
  texts: PageTexts,
  outcome: Extract<TaskOutcome, { kind: 'captured' }>,
  say: (text: string) => Element,
): readonly Child[] {
  const { widthPx, heightPx, resolutionDpi, captureMs, quality, reason } = outcome
  const advice = reason === 'ok' ? '' : ` ${texts.quality[reason as keyof PageTexts['quality']]}`
  return [
    say(`${texts.captured(quality, (captureMs / SECOND_MS).toFixed(1))}${advice}`),
    h('p', {}, `${widthPx} × ${heightPx} px, ${resolutionDpi} dpi`),
    h('canvas', {
      class: 'print',
      width: widthPx,
      height: heightPx,
      role: 'img',
      'aria-label': texts.capturedPicture,
      'data-key': `print ${outcome.picture.length} ${captureMs}`,
    }),
  ]
}

/** Onto the canvas that stands for it: the page's policy lets no picture in but the server's own. */
export async function drawPicture(canvas: HTMLCanvasElement, png: string): Promise<void> {
  const bytes = Uint8Array.from(atob(png), character => character.charCodeAt(0))
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0)
  bitmap.close()
}

function outbox(
  texts: PageTexts,
  { outbox, setAside }: ServiceView,
  timeZone: string,
): readonly (Element | false)[] {
  const { waiting, events, oldestAt, lastReceiptAt, isOnline } = outbox
  const time = (at: string | undefined) =>
    at === undefined ? '–' : new Date(at).toLocaleString('sv-SE', { timeZone })
  const rows: readonly [string, string][] = [
    [texts.connection, isOnline ? texts.online : texts.notConnected],
    [texts.waitingRecords, `${waiting} + ${events}`],
    [texts.oldest, time(oldestAt)],
    [texts.lastReceipt, time(lastReceiptAt)],
  ]
  return [
    h(
      'dl',
      { class: 'numbers' },
      ...rows.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
    ),
    setAside.length > 0 &&
      section(
        texts.setAsideRecords,
        setAside.map(({ sequence, id, reason }) => line(texts, false, `${sequence} ${id}`, reason)),
      ),
  ]
}

function withRemedy({ detail, remedy }: { readonly detail: string; readonly remedy: string }): string {
  return remedy === '' ? detail : `${detail} → ${remedy}`
}

/** The words of parts and checks are those of the commands: English. */
function section(title: string, lines: readonly Element[]): Element {
  return h('div', {}, h('h3', {}, title), h('ul', { class: 'lines', lang: 'en' }, ...lines))
}

/** Not by colour alone. */
function line(texts: PageTexts, isFine: boolean, name: string, detail: string): Element {
  const mark: Child = h(
    'span',
    { class: 'mark-text', 'aria-label': isFine ? texts.fine : texts.faulty, role: 'img' },
    isFine ? '✓' : '✗',
  )
  return h('li', { class: isFine ? '' : 'weak' }, mark, h('strong', {}, name), ` ${detail}`)
}
