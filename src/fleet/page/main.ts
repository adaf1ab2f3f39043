/** The page of operations: which view the address names, with what the server says now, every few seconds. */
import { type Child, h, patch } from '../../page/element.ts'
import type { Role } from '../room/roles.ts'
import { paths } from '../serve/protocol-paths.ts'
import { casesView, caseView, claimsView, decide } from './desk-views.ts'
import { kioskView } from './kiosk-view.ts'
import { kiosksView } from './kiosks-view.ts'
import { overviewView } from './overview-view.ts'
import { accountView, auditView, loginView } from './people-views.ts'
import { problemText, rollOutsView, rollOutView, sendConfiguration, sendImage } from './rollouts-view.ts'
import { ask, ServerError, tell } from './server.ts'
import { deskTexts } from './texts/desks.ts'
import { type FleetLanguage, fleetTexts } from './texts/texts.ts'

const REFRESH_MS = 5_000
const LANGUAGE = 'tunggal-fleet-language'

interface Me {
  readonly name: string
  readonly role: Role
}

let language: FleetLanguage = localStorage.getItem(LANGUAGE) === 'en' ? 'en' : 'id'
let me: Me | undefined
/** What was said about the last form. */
let said: string | undefined
let isLost = false
let content: readonly Child[] = []
/** Of the render under way: an answer to an earlier question is not shown. */
let turn = 0

const texts = () => fleetTexts[language]

interface Route {
  readonly path: string
  readonly query: URLSearchParams
}

function route(): Route {
  const [path, query = ''] = location.hash.replace(/^#/, '').split('?')
  return { path: path || '/', query: new URLSearchParams(query) }
}

async function view({ path, query }: Route): Promise<readonly Child[]> {
  if (path === '/kiosks') return kiosksView(texts(), query)
  if (path.startsWith('/kiosk/') && me !== undefined)
    return kioskView(texts(), path.slice('/kiosk/'.length), me.role, said)
  if (path === '/rollouts' && me !== undefined) return rollOutsView(texts(), me, said)
  if (path.startsWith('/rollout/') && me !== undefined)
    return rollOutView(texts(), me, path.slice('/rollout/'.length), said)
  if (path === '/audit' && me?.role === 'approver') return auditView(texts())
  if (path === '/account') return accountView(texts(), said)
  const desk = { texts: texts(), words: deskTexts[language], said }
  if (path === '/claims' && me?.role === 'approver') return claimsView(desk)
  if (path === '/cases' && me?.role === 'approver') return casesView(desk)
  if (path.startsWith('/case/') && me?.role === 'approver') return caseView(desk, path.slice('/case/'.length))
  return overviewView(texts(), query)
}

/** Asks the server, then shows what it says. */
async function refresh(): Promise<void> {
  const mine = ++turn
  try {
    me ??= await ask<Me>(paths.me)
    const fresh = await view(route())
    if (mine !== turn) return
    content = fresh
    isLost = false
  } catch (error) {
    if (mine !== turn) return
    const status = error instanceof ServerError ? error.status : undefined
    if (status === undefined) throw error
    isLost = status !== 401
    if (status === 401) me = undefined
  }
  show()
}

function show(): void {
  const app = document.getElementById('app') as HTMLElement
  document.documentElement.lang = language
  document.title = `Tunggal · ${texts().title}`
  const inner = me === undefined && !isLost ? loginView(texts(), said) : content
  patch(
    app,
    h(
      'div',
      { id: 'app' },
      h('a', { class: 'skip', href: '#main' }, texts().skip),
      bar(),
      h(
        'main',
        { id: 'main', tabindex: -1 },
        h('div', { role: 'status' }, isLost && h('p', { class: 'note bad' }, texts().lost)),
        // A view of another kind is another element: nothing of the one before stays in its fields.
        h('div', { 'data-key': me === undefined ? 'login' : `${route().path} ${language}` }, ...inner),
      ),
    ),
  )
}

function bar(): Element {
  const { nav, title, logout, roles } = texts()
  const { path } = route()
  const link = (to: string, name: string) =>
    h(
      'a',
      {
        href: `#${to}`,
        'aria-current': path === to || (to === '/kiosks' && path.startsWith('/kiosk')) ? 'page' : undefined,
      },
      name,
    )
  const other: FleetLanguage = language === 'id' ? 'en' : 'id'
  return h(
    'header',
    { class: 'bar' },
    h('strong', {}, title),
    me === undefined
      ? h('nav', {})
      : h(
          'nav',
          { 'aria-label': title },
          link('/', nav.overview),
          link('/kiosks', nav.kiosks),
          link('/rollouts', nav.rollOuts),
          me.role === 'approver' && link('/audit', nav.audit),
          me.role === 'approver' && link('/claims', deskTexts[language].claims.title),
          me.role === 'approver' && link('/cases', deskTexts[language].cases.title),
          link('/account', nav.account),
        ),
    me && h('span', {}, `${me.name} (${roles[me.role]})`),
    h('button', { type: 'button', 'data-do': 'language', lang: other }, fleetTexts[other].languageName),
    me && h('button', { type: 'button', 'data-do': 'logout' }, logout),
  )
}

const forms: Readonly<Record<string, (fields: Record<string, string>) => Promise<void>>> = {
  async login({ name, password }) {
    await tell(paths.login, { name: name.trim().toLowerCase(), password }).then(
      () => (said = undefined),
      error => {
        const { login, failed } = texts()
        said = { 401: login.wrong, 429: login.tooOften }[(error as ServerError).status] ?? failed
      },
    )
  },
  async password({ old, fresh }) {
    await tell(paths.password, { old, fresh }).then(
      () => (said = texts().account.done),
      error => {
        const { account, login, failed } = texts()
        said = { 401: account.wrong, 429: login.tooOften }[(error as ServerError).status] ?? failed
      },
    )
  },
  'propose-configuration': fields => proposed(() => sendConfiguration(fields)),
  'propose-image': fields => proposed(() => sendImage(fields)),
  async filters(fields) {
    goWith(fields)
  },
}

async function proposed(send: () => Promise<void>): Promise<void> {
  try {
    await send()
    said = texts().rollOuts.proposed
  } catch (error) {
    said = problemText(texts(), error)
  }
}

/** The address with these in its query; what is empty is left out. */
function goWith(fields: Readonly<Record<string, string>>): void {
  const { path, query } = route()
  const next = new URLSearchParams(query)
  next.delete('offset')
  for (const [name, value] of Object.entries(fields)) {
    if (value === '') next.delete(name)
    else next.set(name, value)
  }
  location.hash = `${path}?${next}`
}

document.addEventListener('submit', event => {
  event.preventDefault()
  const form = event.target as HTMLFormElement
  const submitted = forms[form.dataset.form ?? '']
  const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]))
  void submitted?.(fields).then(() => {
    // What was refused is there to be mended.
    if (form.dataset.form === 'login' || form.dataset.form === 'password') form.reset()
    return refresh()
  })
})

document.addEventListener('change', event => {
  const field = event.target as HTMLSelectElement
  if (field.dataset.filter !== undefined) goWith({ [field.name]: field.value })
})

document.addEventListener('click', event => {
  const pressed = (event.target as Element).closest<HTMLElement>('[data-do]')
  if (pressed?.dataset.do === 'language') {
    language = language === 'id' ? 'en' : 'id'
    localStorage.setItem(LANGUAGE, language)
    void refresh()
  }
  const { do: what, id, act, name } = pressed?.dataset ?? {}
  if (what === 'act' || what === 'command')
    void (what === 'act' ? tell(paths.act, { id, act }) : tell(paths.command, { id, name }))
      .then(
        () => (said = undefined),
        error => (said = problemText(texts(), error)),
      )
      .then(refresh)
  if (pressed?.dataset.do === 'decide')
    void decide(deskTexts[language], pressed.dataset)
      .then(words => (said = words))
      .then(refresh)
  if (pressed?.dataset.do === 'logout')
    void tell(paths.logout).finally(() => {
      me = undefined
      said = undefined
      content = []
      return refresh()
    })
})

window.addEventListener('hashchange', () => {
  said = undefined
  void refresh().then(() => document.getElementById('main')?.focus({ preventScroll: true }))
})
document.addEventListener('visibilitychange', () => void refresh())
setInterval(() => {
  if (!document.hidden && me !== undefined) void refresh()
}, REFRESH_MS)
show()
void refresh()
