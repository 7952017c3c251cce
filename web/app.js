// The page. Start reading here.
//
// A frame from the server (`live.js`) is folded into its topic's state (`state.js`), and the whole page is described anew and
// patched (`dom.js`). A press goes out through `commands.js`; the screen changes when its event comes, here and on every other
// page alike. What was pressed is never shown as a fact: a beam might be off on the page and still on.
//
// A view is an object with `render()`; everything else is optional:
//   open, close      it becomes the view, it stops being it
//   turn(parameters) takes other parameters of the same route; true when it did
//   title, place     of the window; of the places in the bar, the one to mark
//   asks             true while a prompt waits for a person: marks the tab's icon and rings the chime
//   tick             each second; painted: after each painting; pressed: keys that no field has taken

import { at, place, without } from './base.js'
import { get, signOut } from './api.js'
import { refusal } from './commands.js'
import { afterEach, h, render } from './dom.js'
import { Live } from './live.js'
import { foldFacility } from './state.js'
import { appBar } from './views/appBar.js'
import { LoginView } from './views/login.js'
import { RunView } from './views/run.js'
import { BrowserView } from './views/browser.js'
import { NewSessionView } from './views/newSession.js'
import { PeopleView } from './views/people.js'
import { AuditView } from './views/audit.js'
import { keyHelp } from './views/dialogs.js'
import { button, notice, page } from './views/parts.js'
import { Chime } from './chime.js'

// Addresses of one index.html, so a reload and a sent link both work.
const routes = [
  [/^\/login$/, LoginView], [/^\/(?:sessions)?$/, BrowserView], [/^\/sessions\/new$/, NewSessionView], [/^\/people$/, PeopleView],
  [/^\/audit$/, AuditView], [/^\/sessions\/([\w.-]+)\/run$/, RunView],
  [/^\/sessions\/([\w.-]+)\/grids\/([\w.-]+)$/, BrowserView],
]

// `me` decides what is offered, never what is allowed.
class App {
  live = new Live()
  me = null
  facility = null
  view = null
  openMenu = null
  dialog = null
  notices = new Map()
  chime = new Chime()
  #frame = 0
  #askedAt = -Infinity

  // Painted each second even without an event: ages, silences and estimates grow on their own.
  async start() {
    afterEach(() => this.invalidate())
    addEventListener('popstate', () => this.#route())
    addEventListener('online', () => this.live.connect())
    document.addEventListener('click', this.#clicked)
    document.addEventListener('keydown', this.#pressed)
    document.addEventListener('visibilitychange', () => { if (!document.hidden && this.live.isStale) this.live.connect() })
    this.live.addEventListener('link', () => { document.body.dataset.stale = this.live.isStale; this.changed() })
    this.live.addEventListener('refused', () => this.#mayBeSignedOut())
    setInterval(() => { this.view?.tick?.(); this.changed() }, 1000)
    if (place() !== '/login' && !(await this.signIn())) return
    this.#route()
  }

  async signIn() {
    const problem = await this.#learnWho()
    if (problem && problem.status !== 401) render(document.getElementById('app'), unreachable(problem))
    if (problem) return false
    if (!this.facility) {
      this.facility = this.live.watch('facility', { fold: foldFacility, changed: () => this.changed() }).topic
      this.live.connect()
    }
    return true
  }

  async signOut() {
    await signOut().catch((problem) => this.refused('signOut', 'Sign out', problem))
    location.assign(at('/login'))
  }

  // Loaded anew: nothing of one person stays in memory for the next one at the same computer.
  #toLogin() {
    const here = place() + location.search
    location.replace(at(here === '/' ? '/login' : `/login?next=${encodeURIComponent(here)}`))
  }

  // A socket that is refused does not say why.
  async #mayBeSignedOut() {
    if (performance.now() - this.#askedAt < 10_000) return
    this.#askedAt = performance.now()
    await this.#learnWho()
  }

  /** What stood in the way, if anything. */
  async #learnWho() {
    try {
      this.me = await get('/api/me')
    } catch (problem) {
      if (problem.status === 401) this.#toLogin()
      return problem
    }
  }

  go(path) {
    history.pushState(null, '', at(path))
    this.#route()
    scrollTo(0, 0)
  }

  // A view that can turn to the new address keeps its topics and its scroll place.
  #route() {
    // It asks about what is no longer there.
    if (this.dialog) this.closeDialog()
    const path = place()
    const [pattern, View] = routes.find(([candidate]) => candidate.test(path)) ?? [/./, NotFound]
    const parameters = path.match(pattern).slice(1).map(decodeURIComponent)
    if (this.view instanceof View && this.view.turn?.(parameters)) return this.changed()
    this.view?.close?.()
    this.openMenu = null
    this.notices.clear()
    this.view = new View(this, parameters)
    this.view.open?.()
    this.changed()
  }

  /** The title at once, the page with the next frame: a hidden tab paints nothing. */
  changed() {
    document.title = [this.view?.title?.(), 'GridPilot'].filter(Boolean).join(' · ')
    this.#badge(this.view?.asks ?? false)
    this.invalidate()
  }

  /** Any number of calls before the next frame of the screen paint once. */
  invalidate() {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.paint())
  }

  /** For whoever must move the focus to what is not there yet. Behind a dialog too, as the run goes on. */
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
    render(root, isBare ? content : [h('a.skip-link', { href: '#main', key: 'skip' }, 'Skip to content'), appBar(this), content])
    this.#paintDialog()
    this.view.painted?.()
  }

  // The browser's modal dialog keeps the focus inside.
  #paintDialog() {
    const host = document.getElementById('overlays')
    render(host, this.dialog ? this.dialog.render() : null)
    const element = host.querySelector('dialog')
    if (element && !element.open) {
      element.showModal()
      element.querySelector('[data-cancel]')?.focus()
    }
  }

  // The tab's icon is all that many operators see of the page for hours.
  #badge(asks) {
    const href = at(`/static/favicon${asks ? '-asks' : ''}.svg`)
    const favicon = document.getElementById('favicon')
    if (favicon.getAttribute('href') !== href) favicon.setAttribute('href', href)
    this.chime.asks(asks)
  }

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

  notify(notice) {
    this.notices.set(notice.id, { at: this.live.now(), closable: true, ...notice })
    this.invalidate()
  }

  forget(id) {
    if (this.notices.delete(id)) this.invalidate()
  }

  /** The next press under the same `key` takes the notice away. */
  refused(key, act, problem) {
    if (problem.status === 401) return this.#toLogin()
    const { sentence, remedy: detail } = refusal(act, problem)
    this.notify({ id: `refused ${key}`, kind: 'err', sentence, detail })
  }

  announce(text, isUrgent = false) {
    const region = document.getElementById(isUrgent ? 'assertive' : 'polite')
    // The pause makes it a change: the same text set again is not read out.
    region.textContent = ''
    setTimeout(() => { region.textContent = text }, 50)
  }


  // New tabs, downloads and what the server answers itself are left to the browser.
  #clicked = (event) => {
    if (this.openMenu && !event.target.closest(`[data-menu="${CSS.escape(this.openMenu)}"]`)) {
      this.openMenu = null
      this.invalidate()
    }
    const anchor = event.target.closest('a[href]')
    const isPlain = !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey
    if (!anchor || !isPlain || event.defaultPrevented || anchor.target || anchor.hasAttribute('download')) return
    const href = without(anchor.getAttribute('href'))
    if (!href.startsWith('/') || href.startsWith('/api/') || href.startsWith('/static/')) return
    event.preventDefault()
    this.go(href)
  }

  // No key starts, stops, skips or answers.
  #pressed = (event) => {
    const isTyping = event.target.closest('input, textarea, select')
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping || this.dialog) return
    if (event.key === '?') {
      event.preventDefault()
      this.show(keyHelp(this))
    } else this.view?.pressed?.(event)
  }
}

class NotFound {
  title() { return 'Not found' }
  render() {
    return page('none', h('section.card', h('div.body.empty',
      h('h1', 'There is no such page'), h('a.btn', { href: '/' }, 'Go to session browser'))))
  }
}

// Without knowing who is signed in no view can be drawn.
function unreachable(problem) {
  return page('none', notice({ kind: 'err' },
    'Cannot reach the server.', problem.remedy ?? 'Check your network.',
    button({ class: 'sm', press: () => location.reload() }, 'Try now')))
}

new App().start()
