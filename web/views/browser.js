// The session browser: the sessions at the side, the chosen one's grids as tabs, and the report of one of them.

import { place } from '../base.js'
import { list } from '../api.js'
import { h } from '../dom.js'
import { angstrom, count, day, listed, middleFit, plural } from '../format.js'
import { gridName } from '../ids.js'
import { archiveButton, archivedNotice } from './archive.js'
import { slotState } from './grids.js'
import { GridReport } from './grid.js'
import { gridsButton } from './gridsDialog.js'
import { linkNotice, noticeCard } from './notices.js'
import { qualityMark } from './notes.js'
import { awaited, button, copyButton, hidden, icon, link, notice, pill, select, space, table } from './parts.js'
import { SessionPage } from './sessionPage.js'
import { settingsButton } from './settings.js'
import { isAlive, microscopeName, wordsOf, wordsOfSession } from './status.js'

const shownSessions = 30

export class BrowserView extends SessionPage {
  place = 'browser'
  // Session, grid and target stand in the address, so that a link can be sent.
  report = null
  #search = ''
  #group = ''
  #showsAll = false
  #showsArchived = false
  // Sessions beyond those that every page is told of; null until somebody asks.
  #older = null

  constructor(app, parameters) {
    super(app)
    this.turn(parameters)
  }

  // Else each tab would close the session's topic, and the page would be empty until the snapshot came again.
  turn([session, grid]) {
    this.#choose(session ?? new URLSearchParams(location.search).get('session'), grid)
    return true
  }

  #choose(session, grid) {
    if (session !== this.session) this.watch(session)
    if (grid === this.report?.grid) return
    this.report?.close()
    // A grid's report has a topic of thousands of targets: let go with the tab.
    this.report = grid ? new GridReport(this.app, grid, () => this.topic) : null
    this.report?.open()
  }

  close() {
    super.close()
    this.report?.close()
  }

  heard(frame) { this.report?.heard(frame) }
  painted() { this.report?.painted() }
  // The bar leads back to what was looked at, not to the list's beginning.
  browserPath() { return place() === '/' ? '/' : place() + location.search }

  title() {
    const grid = this.report?.state?.grid
    // Targets are added here while a run waits, so the tab shows it here too.
    return this.mark + listed([grid ? gridName(grid) : this.state?.session.name, 'Session browser'], ' · ')
  }

  // The live ones first: what was fetched once is not told of changes.
  get sessions() {
    const newest = this.app.facility?.state?.sessions ?? []
    const known = new Set(newest.map(({ id }) => id))
    return [...newest, ...(this.#older ?? []).filter(({ id }) => !known.has(id))]
  }

  // After years there are thousands, and no page should hold them for nothing.
  async #loadOlder() {
    try {
      this.#older = await list('/api/sessions?limit=500')
      this.#showsAll = true
    } catch (problem) {
      this.app.notify({ id: 'older-sessions', kind: 'warn', sentence: problem.sentence, detail: problem.remedy })
    }
  }

  #chooseFirst() {
    const { sessions } = this
    const listed = sessions.filter(({ archived }) => !archived)
    const first = listed.find(isAlive) ?? listed[0]
    if (first) this.#choose(first.id)
  }

  render() {
    // The list of sessions may come after the page.
    if (!this.session) this.#chooseFirst()
    return h('div.split', { key: 'browser' }, this.#side(), h('main.page.report', { id: 'main' },
      this.#notices(), this.#phoneList(), this.#tabs(), this.report ? this.report.render() : this.#overview()))
  }

  #notices() {
    const { live, notices } = this.app
    const [stale, ...others] = [linkNotice(live), archivedNotice(this), ...notices.values()].map((each) => each && noticeCard(this.app, each))
    const asks = this.state?.prompt && notice({ kind: 'warn', icon: 'pause', key: 'asks' },
      'The run is paused and asks what to do next.',
      this.asks ? 'Add targets here, then answer on the run page.' : `A member of ${this.state.session.group} can answer.`,
      link(`/sessions/${this.session}/run`, { class: 'btn sm' }, 'View session controls'))
    return h('section.notices', { key: 'notices', 'aria-label': 'Notifications' }, stale, asks, others)
  }

  #side() {
    const { sessions } = this
    const groups = [...new Set(sessions.map(({ group }) => group))].sort()
    // People remember any of them.
    const words = this.#search.toLowerCase()
    const listed = sessions.filter(({ id, archived }) => !archived || this.#showsArchived || id === this.session)
    const found = listed.filter(({ name, group, microscope }) => (!this.#group || group === this.#group)
      && `${name} ${group} ${microscope}`.toLowerCase().includes(words))
    const shown = this.#showsAll ? found : found.slice(0, shownSessions)
    return h('nav.side', { 'aria-label': 'Sessions' },
      h('div.pad.find',
        h('input.input.sm', {
          type: 'search', placeholder: 'Find a session', 'aria-label': 'Find a session', value: this.#search,
          on: { input: ({ target }) => { this.#search = target.value } }
        }),
        h('span.muted', icon('search', 'm'))),
      // A choice of one is only noise.
      groups.length > 1 && [h('div.sec', { key: 'sec' }, h('span', 'Group')),
        h('div.pad', { key: 'groups' },
          select('.sm', [['', 'All groups'], ...groups.map((group) => [group, group])], (group) => { this.#group = group },
            { 'aria-label': 'Group', value: this.#group }))],
      h('div.sec', h('span', 'Sessions'), h('span', found.length)), shown.map((entry) => this.#entry(entry)),
      // Before the list is known "No sessions yet" would be a guess.
      !this.app.facility?.state ? h('p.pad.dim', 'Loading…') : !sessions.length ? h(
        'div.empty', 'No sessions yet', !this.app.me.viewerOnly && link('/sessions/new', { class: 'btn sm' }, 'New session')
      ) : !found.length && h('p.pad.dim', 'No session matches'),
      sessions.some(({ archived }) => archived) && h('div.pad', { key: 'archived' },
        button({ class: 'ghost sm', press: () => { this.#showsArchived = !this.#showsArchived } },
          `${this.#showsArchived ? 'Hide' : 'Show'} archived sessions`)),
      found.length > shown.length && h('div.pad',
        button({ class: 'ghost sm', key: 'older', press: () => { this.#showsAll = true } },
          `Show ${found.length - shown.length} older`)),
      found.length === shown.length && this.app.facility?.state?.hasOlderSessions && !this.#older && h('div.pad',
        button({ class: 'ghost sm', key: 'all', press: () => this.#loadOlder() }, 'Look for older sessions')))
  }

  #entry({ id, name, microscope, createdAt, status, shortfall, grids }) {
    const { kind, icon: shape, word } = wordsOf(status, shortfall)
    const scope = microscopeName(this.app.facility.state, microscope)
    const isPlain = (status === 'completed' && !shortfall) || status === 'ready'
    return link(`/sessions?session=${id}`, { key: id, 'aria-current': id === this.session ? 'page' : undefined },
      h('span', { class: `c-${kind || 'wait'}` }, icon(shape, 'm'), hidden(word)),
      h('span.trunc', name, h('small', `${day(createdAt)}, ${scope}${isPlain ? '' : `, ${word.toLowerCase()}`}`)),
      h('span.gcount', { title: plural(grids, 'grid') }, grids))
  }

  // Links and not `role=tab`: each can be opened in another window.
  #tabs() {
    if (!this.state) return null
    return h('nav.gtabs', { key: 'tabs', 'aria-label': 'Grids in this session' }, this.state.grids.map((summary) => {
      const { icon: shape, hue, word } = slotState(this.state, summary)
      return link(this.gridPath(summary.grid.id),
        { class: 'gtab', key: summary.grid.id, 'aria-current': summary.grid.id === this.report?.grid ? 'page' : undefined },
        h('span', { class: hue }, icon(shape), hidden(word)), gridName(summary.grid),
        qualityMark(summary.quality))
    }))
  }

  #overview() {
    if (!this.session) return [
      h('h1', { key: 'title' }, 'Session browser'), h('p.dim', { key: 'hint' }, 'Choose a session to see its grids.')
    ]
    // Removed, or not to be seen: the server's words say which.
    if (!this.state) return awaited(this, 'session')
    const { session, microscope, detector, grids } = this.state
    return [h('section.card.report-h', { key: 'overview' },
      h('div.row.wrap.titles', h('h1', session.name), pill(wordsOfSession(this.state), { large: true }), space(),
        settingsButton(this), gridsButton(this), copyButton(this), archiveButton(this), link(`/sessions/${session.id}/run`, { class: 'btn primary' },
          // There is nothing to control in a session that does not run.
          isAlive(this.state) ? 'View session controls' : 'Open the run page')),
      h('p.dim.place',
        `${microscope.name}, ${detector.name} · ${session.group} · created ${day(session.createdAt)} by ${session.createdBy}`)),
    h('section.card', { key: 'grids', 'aria-label': 'Grids' },
      table('.plainrows', ['Position', 'Grid', 'Status', 'Squares', 'Holes', 'Images', 'Median CTF fit'],
        grids.map((summary) => this.#row(summary))))]
  }

  #row(summary) {
    const { grid, squaresDone, holesDone, images, fits, problem } = summary
    const { icon: shape, hue, word } = slotState(this.state, summary)
    const fit = middleFit(fits)
    return h('tr', { key: grid.id }, h('td.pos', grid.slot),
      h('td', link(this.gridPath(grid.id), {}, grid.name)),
      h('td', h('span.row.tight', { class: hue }, icon(shape), word), problem && h('small.dim', problem)),
      h('td', count(squaresDone)), h('td', count(holesDone)), h('td', count(images)),
      h('td', fit === null ? 'Not yet' : angstrom(fit)))
  }

  // A phone has no side list.
  #phoneList() {
    if (this.report || location.search) return null
    const sessions = this.app.facility?.state?.sessions ?? []
    return h('div.phone-only.card.side-list', { key: 'phone-list' },
      sessions.filter(({ archived }) => !archived).slice(0, shownSessions).map((entry) => this.#entry(entry)))
  }
}
