// The page: who is signed in, which view is shown, the bar above it, and the notices that are this page's own.

import { get, signOut } from './api.js'
import { render, h } from './dom.js'
import { Live } from './live.js'
import { foldFacility } from './state.js'
import { appBar } from './views/appBar.js'
import { LoginView } from './views/login.js'
import { RunView } from './views/run.js'
import { BrowserView } from './views/browser.js'
import { NewSessionView } from './views/newSession.js'
import { keyHelp } from './views/dialogs.js'
import { Chime } from './chime.js'

const routes = [
  [/^\/login$/, () => LoginView],
  [/^\/(?:sessions)?$/, () => BrowserView],
  [/^\/sessions\/new$/, () => NewSessionView],
  [/^\/sessions\/([\w.-]+)\/run$/, () => RunView],
  [/^\/sessions\/([\w.-]+)\/grids\/([\w.-]+)$/, () => BrowserView],
]

class App {
  live = new Live()
  me = null
  facility = null
  view = null
  openMenu = null
  dialog = null
  brokenImages = new Set()
  notices = new Map()
  chime = new Chime()
  #frame = 0
  #askedAt = -Infinity

  async start() {
    addEventListener('popstate', () => this.#route())
    addEventListener('online', () => this.live.connect())
    document.addEventListener('click', (event) => this.#clicked(event))
    document.addEventListener('keydown', (event) => this.#pressed(event))
    document.addEventListener('visibilitychange', () => { if (!document.hidden && this.live.isStale) this.live.connect() })
    this.live.addEventListener('link', () => this.#linkChanged())
    this.live.addEventListener('refused', () => this.#mayBeSignedOut())
    setInterval(() => this.#tick(), 1000)
    if (location.pathname !== '/login' && !(await this.signIn())) return
    this.#route()
  }

  /** Asks who is signed in; without anybody the sign-in page comes first. */
  async signIn() {
    try {
      this.me = await get('/api/me')
    } catch (problem) {
      if (problem.status === 401) this.#toLogin()
      else render(document.getElementById('app'), unreachable(problem))
      return false
    }
    if (!this.facility) {
      this.facility = this.live.watch('facility', { fold: foldFacility, changed: () => this.changed() }).topic
      this.live.connect()
    }
    return true
  }

  async signOut() {
    await signOut().catch((problem) => this.refused('signOut', 'Sign out', problem))
    location.assign('/login')
  }

  #toLogin() {
    const here = location.pathname + location.search
    location.replace(here === '/' ? '/login' : `/login?next=${encodeURIComponent(here)}`)
  }

  /** A socket that is refused does not say why. Asked now and then, not with every try. */
  async #mayBeSignedOut() {
    if (performance.now() - this.#askedAt < 10_000) return
    this.#askedAt = performance.now()
    try {
      await get('/api/me')
    } catch (problem) {
      if (problem.status === 401) this.#toLogin()
    }
  }

  go(path) {
    history.pushState(null, '', path)
    this.#route()
    scrollTo(0, 0)
  }

  #route() {
    const path = location.pathname
    const [pattern, pick] = routes.find(([candidate]) => candidate.test(path)) ?? []
    const parameters = pattern ? path.match(pattern).slice(1).map(decodeURIComponent) : []
    const View = pattern ? pick() : NotFound
    if (this.view instanceof View && this.view.turn?.(parameters)) return this.changed()
    this.view?.close?.()
    this.openMenu = null
    this.notices.clear()
    this.view = new View(this, parameters)
    this.view.open?.()
    this.changed()
  }

  // ------------------------------------------------------------------------------------------------- painting

  /** Something changed: the title at once, the page with the next frame (a hidden tab paints nothing). */
  changed() {
    document.title = this.view?.title?.() ?? 'GridPilot'
    this.#badge(this.view?.asks ?? false)
    this.invalidate()
  }

  invalidate() {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.paint())
  }

  paint() {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
    if (!this.view) return
    const content = this.view.render()
    const isBare = this.view instanceof LoginView
    const root = document.getElementById('app')
    root.inert = Boolean(this.dialog)
    if (this.dialog) root.setAttribute('aria-hidden', 'true')
    else root.removeAttribute('aria-hidden')
    render(
      root,
      isBare ? content : [h('a', { class: 'skip-link', href: '#main', key: 'skip' }, 'Skip to content'), appBar(this), content]
    )
    this.#paintDialog()
    this.view.painted?.()
  }

  #paintDialog() {
    const host = document.getElementById('overlays')
    render(host, this.dialog ? this.dialog.render() : null)
    const element = host.querySelector('dialog')
    if (element && !element.open) {
      element.showModal()
      element.querySelector('[data-cancel]')?.focus()
    }
  }

  #badge(asks) {
    const href = asks ? '/static/favicon-asks.svg' : '/static/favicon.svg'
    const favicon = document.getElementById('favicon')
    if (favicon.getAttribute('href') !== href) favicon.setAttribute('href', href)
    this.chime.asks(asks)
  }

  #tick() {
    this.view?.tick?.()
    this.changed()
  }

  #linkChanged() {
    document.body.dataset.stale = String(this.live.isStale)
    this.changed()
  }

  // ------------------------------------------------------------------------------------------------- dialogs, notices

  /** Shows a dialog: `{render, opened?, closed?}`. */
  show(dialog) {
    this.dialog = dialog
    this.returnFocus = document.activeElement
    dialog.opened?.()
    this.paint()
  }

  closeDialog() {
    const dialog = this.dialog
    this.dialog = null
    dialog?.closed?.()
    this.paint()
    this.returnFocus?.focus?.()
  }

  /** A notice of this page alone. */
  notify(notice) {
    this.notices.set(notice.id, { at: this.live.now(), closable: true, ...notice })
    this.invalidate()
  }

  forget(id) {
    if (this.notices.delete(id)) this.invalidate()
  }

  refused(key, act, problem) {
    if (problem.status === 401) return this.#toLogin()
    // Without an answer "was not done" would be a guess, and a wrong one each time only the answer was lost.
    const [sentence, detail] = problem.isLost
      ? [`${act} had no answer.`, 'It may have been done all the same. Look at where the run stands before you try again.']
      : [`${act} was not done.`, [problem.sentence, problem.remedy].filter(Boolean).join(' ')]
    this.notify({ id: `refused ${key}`, kind: 'err', icon: 'error', sentence, detail })
  }

  /** Said once to those who listen to the page. */
  announce(text, isUrgent = false) {
    const region = document.getElementById(isUrgent ? 'assertive' : 'polite')
    region.textContent = ''
    setTimeout(() => { region.textContent = text }, 50)
  }

  // ------------------------------------------------------------------------------------------------- input

  #clicked(event) {
    if (this.openMenu && !event.target.closest(`[data-menu="${CSS.escape(this.openMenu)}"]`)) {
      this.openMenu = null
      this.invalidate()
    }
    const anchor = event.target.closest('a[href]')
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey
    if (!anchor || !plain || event.defaultPrevented || anchor.target || anchor.hasAttribute('download')) return
    const href = anchor.getAttribute('href')
    if (!href.startsWith('/') || href.startsWith('/api/') || href.startsWith('/static/')) return
    event.preventDefault()
    this.go(href)
  }

  /** No key starts, stops, skips or answers. */
  #pressed(event) {
    const isTyping = event.target.closest('input, textarea, select')
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping || this.dialog) return
    if (event.key === '?') {
      event.preventDefault()
      this.show(keyHelp(this))
    } else this.view?.pressed?.(event)
  }
}

class NotFound {
  title() { return 'Not found · GridPilot' }
  render() {
    return h('main', { class: 'page', id: 'main' }, h('section', { class: 'card' }, h('div', { class: 'body empty' },
      h('h1', {}, 'There is no such page'), h('a', { class: 'btn', href: '/' }, 'Go to session browser'))))
  }
}

function unreachable(problem) {
  return h('main', { class: 'page', id: 'main' }, h('div', { class: 'notice err', role: 'alert' },
    h('div', {}, h('b', {}, 'Cannot reach the server. '), problem.remedy ?? 'Check your network.'),
    h(
      'div', { class: 'act' }, h('button', { class: 'btn sm', type: 'button', on: { click: () => location.reload() } }, 'Try now')
    )))
}

new App().start()
