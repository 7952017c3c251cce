// The page: who is signed in, which view is shown, the bar above it, and the notices that are this page's own. Start reading here.
//
// How a datum reaches the screen: `live.js` hears a frame from the server, the fold of its topic (`state.js`) makes the next state
// of it, the view that watches the topic calls `app.changed()`, and with the next frame of the screen the whole page is described
// anew and patched (`dom.js`). How a press reaches the microscope: the view calls `commands.do`, which sends it (`api.js`); the
// answer says only that it was accepted. The screen changes when the event comes, here and on every other open page alike.
//
// So there is one rule for every view: what is shown comes from the state, and never from what was pressed. A page that showed
// its own wish as a fact would tell an operator that a beam is off which is still on.
//
// A view is an object with `render()`; everything else is optional:
//   open, close      it becomes the view, it stops being it
//   turn(parameters) takes other parameters of the same route without being made anew; true when it did
//   title, place     of the window; of the places in the bar, the one to mark
//   asks             true while a prompt waits for a person: marks the tab's icon and rings the chime
//   tick             each second; painted: after each painting; pressed: keys that no field has taken

import { at, place, without } from './base.js'
import { get, signOut } from './api.js'
import { render, h } from './dom.js'
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
import { Chime } from './chime.js'

// Paths as the server knows them: each of these addresses gives the same index.html, so a reload and a sent link both work.
const routes = [
  [/^\/login$/, () => LoginView],
  [/^\/(?:sessions)?$/, () => BrowserView],
  [/^\/sessions\/new$/, () => NewSessionView],
  [/^\/people$/, () => PeopleView],
  [/^\/audit$/, () => AuditView],
  [/^\/sessions\/([\w.-]+)\/run$/, () => RunView],
  [/^\/sessions\/([\w.-]+)\/grids\/([\w.-]+)$/, () => BrowserView],
]

/**
 * The one object that every view is given. Views use `live`, `me`, `facility`, `changed`, `invalidate`, `show`, `notify`, `announce`.
 *
 * `me` is who is signed in, as the server says. It decides what is offered, never what is allowed: the server checks each request.
 * `facility` is the live topic of all microscopes and sessions, watched as long as the page is open.
 * `brokenImages` has the addresses of images that could not be loaded, so that a repaint does not ask for them again each second.
 */
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

  // The screen is painted once a second even when no event comes: ages, silences and estimates grow on their own.
  async start() {
    addEventListener('popstate', () => this.#route())
    addEventListener('online', () => this.live.connect())
    document.addEventListener('click', (event) => this.#clicked(event))
    document.addEventListener('keydown', (event) => this.#pressed(event))
    document.addEventListener('visibilitychange', () => { if (!document.hidden && this.live.isStale) this.live.connect() })
    this.live.addEventListener('link', () => this.#linkChanged())
    this.live.addEventListener('refused', () => this.#mayBeSignedOut())
    setInterval(() => this.#tick(), 1000)
    if (place() !== '/login' && !(await this.signIn())) return
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
    location.assign(at('/login'))
  }

  /** The page is loaded anew: nothing of one person stays in memory for the next one at the same computer. */
  #toLogin() {
    const here = place() + location.search
    location.replace(at(here === '/' ? '/login' : `/login?next=${encodeURIComponent(here)}`))
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
    history.pushState(null, '', at(path))
    this.#route()
    scrollTo(0, 0)
  }

  /** A view that can turn to the new address keeps its topics and its scroll place. Any other is made anew. */
  #route() {
    const path = place()
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

  // Painting:

  /** Something changed: the title at once, the page with the next frame (a hidden tab paints nothing). */
  changed() {
    document.title = this.view?.title?.() ?? 'GridPilot'
    this.#badge(this.view?.asks ?? false)
    this.invalidate()
  }

  /** Only this page's own matters changed. Any number of calls before the next frame of the screen paint once. */
  invalidate() {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.paint())
  }

  /**
   * Paints now. Whoever must move the focus calls this and not `invalidate`, since the element has to be there first.
   * Behind a dialog the page is inert and hidden from screen readers, but goes on being painted: the run goes on too.
   */
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

  // The browser's own modal dialog keeps the focus inside. It begins on Cancel, so that Enter never confirms by accident.
  #paintDialog() {
    const host = document.getElementById('overlays')
    render(host, this.dialog ? this.dialog.render() : null)
    const element = host.querySelector('dialog')
    if (element && !element.open) {
      element.showModal()
      element.querySelector('[data-cancel]')?.focus()
    }
  }

  // The icon of a tab in the background is all that many operators see of the page for hours.
  #badge(asks) {
    const href = at(asks ? '/static/favicon-asks.svg' : '/static/favicon.svg')
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

  // Dialogs, notices:

  /** Shows a dialog: `{render, opened?, closed?}`. */
  show(dialog) {
    this.dialog = dialog
    this.returnFocus = document.activeElement
    dialog.opened?.()
    this.paint()
  }

  /** The focus goes back to where it was, so that keyboard users do not start again at the top. */
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

  /**
   * Says that something was not done, and why. `key` is that of the command: the next press of the same kind takes the notice away.
   * Whoever is signed out is sent to sign in; a notice would only tell them what they cannot mend here.
   */
  refused(key, act, problem) {
    if (problem.status === 401) return this.#toLogin()
    // Without an answer "was not done" would be a guess, and a wrong one each time only the answer was lost.
    const [sentence, detail] = problem.isLost
      ? [`${act} had no answer.`, 'It may have been done anyway. Check the run before you try again.']
      : [`${act} was not done.`, [problem.sentence, problem.remedy].filter(Boolean).join(' ')]
    this.notify({ id: `refused ${key}`, kind: 'err', icon: 'error', sentence, detail })
  }

  /** Said once to those who listen to the page. */
  announce(text, isUrgent = false) {
    const region = document.getElementById(isUrgent ? 'assertive' : 'polite')
    // Screen readers say nothing when the same text is set again. The pause makes it a change.
    region.textContent = ''
    setTimeout(() => { region.textContent = text }, 50)
  }

  // Input:

  /**
   * Follows links of this site without loading anew. What a person wants elsewhere (a new tab, a download) is left to the browser,
   * and so is what the server answers itself: data and files.
   */
  #clicked(event) {
    if (this.openMenu && !event.target.closest(`[data-menu="${CSS.escape(this.openMenu)}"]`)) {
      this.openMenu = null
      this.invalidate()
    }
    const anchor = event.target.closest('a[href]')
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey
    if (!anchor || !plain || event.defaultPrevented || anchor.target || anchor.hasAttribute('download')) return
    const href = without(anchor.getAttribute('href'))
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

// Shown when even the first question had no answer. Without knowing who is signed in no view can be drawn.
function unreachable(problem) {
  return h('main', { class: 'page', id: 'main' }, h('div', { class: 'notice err', role: 'alert' },
    h('div', {}, h('b', {}, 'Cannot reach the server. '), problem.remedy ?? 'Check your network.'),
    h(
      'div', { class: 'act' }, h('button', { class: 'btn sm', type: 'button', on: { click: () => location.reload() } }, 'Try now')
    )))
}

new App().start()
