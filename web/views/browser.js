// The session browser: the sessions at the side, the chosen one's grids as tabs, and the report of one of them.
//
// From `facility` for the list and `session/ID` for the chosen one. Nothing here starts or stops a run; that is the run page's.

import { place } from '../base.js'
import { list } from '../api.js'
import { h } from '../dom.js'
import { count, day, decimal, median, plural } from '../format.js'
import { foldSession } from '../state.js'
import { slotState } from './grids.js'
import { GridReport } from './grid.js'
import { button, closer, icon, link, pill, problemNotice } from './parts.js'
import { isAlive, onlyWatches, wordsOf, wordsOfSession } from './status.js'

// A screenful of the side list. What is older is a press or a search away.
const shownSessions = 30
const hues = { ok: 'c-ok', run: 'c-run', warn: 'c-warn', err: 'c-err', '': 'c-wait' }

export class BrowserView {
  place = 'browser'
  // The search, the group and what is unfolded are this page's own and gone with a reload. Session, grid and target stand in
  // the address, so that a link can be sent.
  report = null
  #search = ''
  #group = ''
  #showsAll = false
  /** Sessions beyond those that every page is told of; null until somebody asks for them. */
  #older = null
  #watch = null

  constructor(app, [session, grid]) {
    this.app = app
    this.#choose(session ?? new URLSearchParams(location.search).get('session'), grid)
  }

  /** Another session or grid of the same view. */
  // Without it each tab would close the topic of the session, and the page would be empty until the snapshot came again.
  turn([session, grid]) {
    this.#choose(session ?? new URLSearchParams(location.search).get('session'), grid)
    return true
  }

  #choose(session, grid) {
    // The topic of one session only: the list needs no more than `facility` tells of each.
    if (session !== this.session) {
      this.#watch?.close()
      this.session = session
      this.#watch = session ? this.app.live.watch(
        `session/${session}`, { fold: foldSession, changed: (topic, frame) => this.#heard(frame) }
      ) : null
    }
    if (grid === this.report?.grid) return
    this.report?.close()
    // A grid's report has a topic of its own with thousands of targets, so it is let go with the tab.
    this.report = grid ? new GridReport(this.app, grid, () => this.#watch.topic) : null
    this.report?.open()
  }

  close() {
    this.#watch?.close()
    this.report?.close()
  }

  #heard(frame) {
    this.report?.heard(frame)
    this.app.changed()
  }

  get topic() { return this.#watch?.topic }
  get state() { return this.topic?.state }
  // As on the run page, so that whoever looks at results counts as present too.
  get watchers() { return this.topic?.readings.watchers?.data?.people ?? [] }
  get asks() { return Boolean(this.state?.prompt) && !onlyWatches(this.state) }
  painted() { this.report?.painted() }
  // The place in the bar leads back to what was looked at, and not to the list's beginning.
  browserPath() { return place() === '/' ? '/' : place() + location.search }

  title() {
    // A run that waits shows in the tab here too: this page is where targets are added while it waits.
    const prefix = this.asks ? '(1) ' : ''
    const grid = this.report?.state?.grid
    if (grid) return `${prefix}${grid.slot} ${grid.name} · Session browser · GridPilot`
    return `${prefix}${this.state ? `${this.state.session.name} · ` : ''}Session browser · GridPilot`
  }

  // The live ones first, and the older ones behind: what was fetched once is not told of changes.
  get sessions() {
    const newest = this.app.facility?.state?.sessions ?? []
    const known = new Set(newest.map(({ id }) => id))
    return [...newest, ...(this.#older ?? []).filter(({ id }) => !known.has(id))]
  }

  /**
   * The rest of the sessions, once, when asked for: after years there are thousands, and no page should hold them for nothing.
   */
  async #loadOlder() {
    try {
      this.#older = await list('/api/sessions?limit=500')
      this.#showsAll = true
    } catch (problem) {
      this.app.notify({ id: 'older-sessions', kind: 'warn', icon: 'warn', sentence: problem.sentence, detail: problem.remedy })
    }
    this.app.invalidate()
  }

  /** Without a choice, what runs is shown, else the newest. */
  #chooseFirst() {
    const { sessions } = this
    const first = sessions.find(isAlive) ?? sessions[0]
    if (first) this.#choose(first.id)
  }

  render() {
    // In `render`, since the list of sessions may come after the page.
    if (!this.session) this.#chooseFirst()
    return h('div', { class: 'split', key: 'browser' }, this.#side(), h('main', { class: 'page report', id: 'main' },
      this.#notices(), this.#phoneList(), this.#tabs(), this.report ? this.report.render() : this.#overview()))
  }

  #notices() {
    const { live } = this.app
    const list = [...this.app.notices.values()].map(({ id, kind, icon: shape, sentence, detail }) => h('div',
      { class: `notice ${kind}`, key: id, role: kind === 'err' ? 'alert' : 'status' }, icon(shape),
      h('div', {}, h('b', {}, sentence), ' ', detail),
      h(
        'div', { class: 'act' },
        closer(sentence, () => this.app.forget(id))
      )))
    // Shorter than on the run page: here nothing is being imaged that could be misjudged.
    const stale = live.isStale && h('div', { class: 'notice warn', key: 'link', role: 'status' }, icon('plug'),
      h('div', {}, h('b', {}, 'Reconnecting to the server.'), ' Buttons come back with the connection.'),
      h('div', { class: 'act' }, button({ class: 'sm', key: 'try', press: () => live.connect() }, 'Try now')))
    const asks = this.state?.prompt && h('div', { class: 'notice warn', key: 'asks', role: 'status' }, icon('pause'),
      h(
        'div', {}, h('b', {}, 'The run is paused and asks what to do next.'),
        this.asks ? ' Add targets here, then answer on the run page.' : ` A member of ${this.state.session.group} can answer.`
      ),
      h('div', { class: 'act' }, link(`/sessions/${this.session}/run`, { class: 'btn sm' }, 'View session controls')))
    return h('section', { class: 'notices', key: 'notices', 'aria-label': 'Notifications' }, stale, asks, list)
  }

  #side() {
    const { sessions } = this
    const groups = [...new Set(sessions.map(({ group }) => group))].sort()
    // Name, group and microscope are searched together, since people remember any of them.
    const words = this.#search.toLowerCase()
    const found = sessions.filter(
      ({ name, group, microscope }) => (
        !this.#group || group === this.#group
      ) && `${name} ${group} ${microscope}`.toLowerCase().includes(words)
    )
    const shown = this.#showsAll ? found : found.slice(0, shownSessions)
    return h('nav', { class: 'side', 'aria-label': 'Sessions' },
      h(
        'div', { class: 'pad find' },
        h(
          'input',
          {
            class: 'input sm', type: 'search', placeholder: 'Find a session', 'aria-label': 'Find a session', value: this.#search,
            on: { input: (event) => { this.#search = event.target.value; this.app.invalidate() } }
          }
        ),
        h('span', { class: 'muted' }, icon('search'))
      ),
      // Most people are in one group, and a choice of one is only noise.
      groups.length > 1 && [h('div', { class: 'sec', key: 'sec' }, h('span', {}, 'Group')),
        h('div', { class: 'pad', key: 'groups' },
          h('select',
            {
              class: 'input sm', 'aria-label': 'Group', value: this.#group,
              on: { change: (event) => { this.#group = event.target.value; this.app.invalidate() } }
            },
        h('option', { value: '' }, 'All groups'), groups.map((group) => h('option', { key: group, value: group }, group))))],
      h('div', { class: 'sec' }, h('span', {}, 'Sessions'), h('span', {}, String(found.length))),
      shown.map((entry) => this.#entry(entry)),
      // "No sessions yet" only once the list is known: before that it would be a guess.
      !this.app.facility?.state ? h('p', { class: 'pad dim' }, 'Loading…') : !sessions.length ? h(
        'div', { class: 'empty' }, 'No sessions yet',
        !this.app.me.viewerOnly && link('/sessions/new', { class: 'btn sm' }, 'New session')
      ) : !found.length && h('p', { class: 'pad dim' }, 'No session matches'),
      found.length > shown.length && h(
        'div', { class: 'pad' },
        button(
          { class: 'ghost sm', key: 'older', press: () => { this.#showsAll = true; this.app.invalidate() } },
          `Show ${found.length - shown.length} older`
        )
      ),
      // The server says whether there are any older ones; without that word no button promises them.
      found.length === shown.length && this.app.facility?.state?.hasOlderSessions && !this.#older && h(
        'div', { class: 'pad' },
        button({ class: 'ghost sm', key: 'all', press: () => this.#loadOlder() }, 'Look for older sessions')
      ))
  }

  #entry({ id, name, microscope, createdAt, status, shortfall, grids }) {
    const { kind, icon: shape, word } = wordsOf(status, shortfall)
    const scope = this.app.facility.state.microscopes.find(
      (entry) => entry.microscope.id === microscope
    )?.microscope.name ?? microscope
    const isPlain = (status === 'completed' && !shortfall) || status === 'ready'
    return link(`/sessions?session=${id}`, { key: id, 'aria-current': id === this.session ? 'page' : undefined },
      // Hue and shape for the eye, the word for those who listen.
      h('span', { class: hues[kind] }, icon(shape), h('span', { class: 'sr' }, word)),
      h(
        'span', { class: 'trunc' }, name, h('small', {}, `${day(createdAt)}, ${scope}${isPlain ? '' : `, ${word.toLowerCase()}`}`)
      ),
      h('span', { class: 'gcount', title: plural(grids, 'grid') }, String(grids)))
  }

  /**
   * Links and not `role=tab`: each has an address, can be opened in another window, and is found by a screen reader among the
   * links.
   */
  #tabs() {
    if (!this.state) return null
    return h('nav', { class: 'gtabs', key: 'tabs', 'aria-label': 'Grids in this session' }, this.state.grids.map((summary) => {
      const { icon: shape, hue, word } = slotState(this.state, summary)
      return link(`/sessions/${this.session}/grids/${summary.grid.id}`,
        { class: 'gtab', key: summary.grid.id, 'aria-current': summary.grid.id === this.report?.grid ? 'page' : undefined },
        h('span', { class: hue }, icon(shape, 's'), h('span', { class: 'sr' }, word)),
        `${summary.grid.slot} ${summary.grid.name}`)
    }))
  }

  #overview() {
    // A session that was removed, or may not be seen. The server's words say which.
    if (this.topic?.problem && !this.state) return problemNotice(this.topic.problem)
    if (!this.session) return [
      h('h1', { key: 'title' }, 'Session browser'), h('p', { class: 'dim', key: 'hint' }, 'Choose a session to see its grids.')
    ]
    if (!this.state) return h('p', { class: 'dim', role: 'status' }, 'Loading the session…')
    const { session, microscope, detector, grids } = this.state
    const { kind, icon: shape, word } = wordsOfSession(this.state)
    return [h('section', { class: 'card report-h', key: 'overview' },
      h(
        'div', { class: 'row wrap titles' }, h('h1', {}, session.name), pill({ kind, icon: shape, word }, { large: true }),
        h('span', { class: 'grow' }),
        link(
          `/sessions/${session.id}/run`, { class: 'btn primary' },
          // The same place by two names: there is nothing to control in a session that does not run.
          isAlive(this.state) ? 'View session controls' : 'Open the run page'
        )
      ),
      h(
        'p', { class: 'dim place' },
        `${microscope.name}, ${detector.name} · ${session.group} · created ${day(session.createdAt)} by ${session.createdBy}`
      )),
    h('section', { class: 'card', key: 'grids', 'aria-label': 'Grids' },
      h('table', { class: 'al plainrows' },
        h(
          'thead', {},
          h(
            'tr', {},
            [
              'Position', 'Grid', 'Status', 'Squares', 'Holes', 'Images', 'Median CTF fit'
            ].map((title) => h('th', { key: title, scope: 'col' }, title))
          )
        ),
      h('tbody', {}, grids.map((summary) => this.#row(summary)))))]
  }

  #row(summary) {
    const { grid, squaresDone, holesDone, images, fits, problem } = summary
    const { icon: shape, hue, word } = slotState(this.state, summary)
    const fit = median(fits.filter((value) => value > 0))
    return h('tr', { key: grid.id }, h('td', { class: 'pos' }, String(grid.slot)),
      h('td', {}, link(`/sessions/${this.session}/grids/${grid.id}`, {}, grid.name)),
      h(
        'td', {}, h('span', { class: `row tight ${hue}` }, icon(shape, 's'), word),
        // Why a grid failed, or what one lacks, in the server's sentence; missing for all others.
        problem && h('small', { class: 'dim' }, problem)
      ),
      h('td', {}, count(squaresDone)), h('td', {}, count(holesDone)), h('td', {}, count(images)),
      h('td', {}, fit === null ? 'Not yet' : `${decimal(fit, 1)} Å`))
  }

  /** A phone has no side list: the sessions stand in the page. */
  #phoneList() {
    if (this.report || location.search) return null
    const sessions = this.app.facility?.state?.sessions ?? []
    return h(
      'div', { class: 'phone-only card side-list', key: 'phone-list' },
      sessions.slice(0, shownSessions).map((entry) => this.#entry(entry))
    )
  }
}
