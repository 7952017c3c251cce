// Who did what, newest first, and whether that record is whole.
//
// Read when the page is opened and when somebody asks: nothing here is live, so the time at which it was read stands beside it.
// Whoever is not staff sees the records of one session of theirs, whose id is in the address.

import { at } from '../base.js'
import { get } from '../api.js'
import { h } from '../dom.js'
import { clockSeconds, count, dayAndClock } from '../format.js'
import { actWord, choices, detailOf, outcomeOf, subjectOf } from './auditWords.js'
import { button, icon, link, pill, problemNotice } from './parts.js'

const perPage = 100
const fields = ['person', 'act', 'session']

export class AuditView {
  place = 'audit'
  #app
  #records = []
  #next = null
  #check = null
  // Told apart from the list's: a look at the whole log takes longer, and may fail alone.
  #checkProblem = null
  #readAt = null
  #problem = null
  #isReading = false
  // What stands in the fields, which counts once it is sent.
  #draft
  // So that the answer to an older question does not take the place of a newer one's.
  #asked = 0
  #looked = 0

  constructor(app) {
    this.#app = app
    this.#draft = this.#filter
  }

  title() { return 'Audit · GridPilot' }
  open() { this.#read() }

  get #filter() {
    const query = new URLSearchParams(location.search)
    return Object.fromEntries(fields.map((name) => [name, query.get(name) ?? '']))
  }

  #path(after) {
    const query = new URLSearchParams(Object.entries(this.#filter).filter(([, value]) => value))
    query.set('limit', perPage)
    if (after) query.set('after', after)
    return `/api/audit?${query}`
  }

  /** From the newest on, or on from where the list ends. */
  async #read(after) {
    const number = this.#asked += 1
    this.#isReading = true
    this.#app.invalidate()
    if (!after && this.#app.me.staff) this.#look()
    try {
      const page = await get(this.#path(after))
      if (number !== this.#asked) return
      this.#records = after ? [...this.#records, ...page.items] : page.items
      this.#next = page.next
      if (!after) this.#readAt = this.#app.live.now()
      this.#problem = null
    } catch (problem) {
      if (number !== this.#asked) return
      this.#problem = problem
      if (!after) [this.#records, this.#next, this.#readAt] = [[], null, null]
    }
    this.#isReading = false
    this.#app.invalidate()
  }

  /** Whether the whole log is as it was written. The list does not wait for it. */
  async #look() {
    const number = this.#looked += 1
    ;[this.#check, this.#checkProblem] = [null, null]
    const [check, problem] = await get('/api/audit/check').then((found) => [found, null], (refusal) => [null, refusal])
    if (number !== this.#looked) return
    ;[this.#check, this.#checkProblem] = [check, problem]
    this.#app.invalidate()
  }

  #choose(filter) {
    const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value)).toString()
    history.replaceState(null, '', at(query ? `/audit?${query}` : '/audit'))
    this.#draft = this.#filter
    this.#read()
  }

  render() {
    return h('main', { class: 'page', id: 'main', key: 'audit' },
      h('div', { class: 'row wrap', key: 'head' }, h('h1', {}, 'Audit'), this.#wholeness(), h('span', { class: 'grow' }),
        this.#readAt && h('span', { class: 'dim', key: 'read' }, `Read at ${clockSeconds(this.#readAt)}`),
        button({ key: 'again', busy: this.#isReading, press: () => this.#read() }, 'Read again')),
      this.#broken(), this.#unchecked(),
      this.#problem && problemNotice(this.#problem),
      this.#form(), this.#table())
  }

  #wholeness() {
    if (this.#checkProblem || !this.#app.me.staff) return null
    if (!this.#check) return h('span', { class: 'dim', key: 'checking' }, 'Checking')
    return this.#check.whole
      ? pill({ kind: 'ok', icon: 'check', word: `Whole, ${count(this.#check.count)} records` })
      : pill({ kind: 'err', icon: 'error', word: 'Not whole' })
  }

  #broken() {
    if (!this.#check?.problem) return null
    return problemNotice({ ...this.#check.problem, remedy: 'Keep the data directory as it is, and compare it with a backup.' }, 'broken')
  }

  #unchecked() {
    const problem = this.#checkProblem
    return problem && h('div', { class: 'notice warn', role: 'alert', key: 'unchecked' }, icon('warn'),
      h('div', {}, h('b', {}, 'Nobody can say whether the log is whole.'), ' ', [problem.sentence, problem.remedy].filter(Boolean).join(' ')))
  }

  #form() {
    const draft = this.#draft
    // The page is painted each second: a field must be given what was typed, or it would lose it.
    const typed = (name) => ({ value: draft[name], on: { input: (event) => { draft[name] = event.target.value } } })
    const field = (name, label, input) => h('div', { class: 'field', key: name }, h('label', { for: `audit-${name}` }, label), input)
    const text = (name, label) => field(name, label, h('input', {
      id: `audit-${name}`, name, class: 'input', ...typed(name), autocapitalize: 'none',
      spellcheck: 'false', autocomplete: 'off'
    }))
    const submit = (event) => {
      event.preventDefault()
      this.#choose(Object.fromEntries(fields.map((name) => [name, draft[name].trim()])))
    }
    return h('form', { class: 'card filters', key: 'filters', 'aria-label': 'Filter', on: { submit } },
      text('person', 'Person'),
      field('act', 'Act', h('select', { id: 'audit-act', name: 'act', class: 'input', ...typed('act') },
        h('option', { value: '', key: '' }, 'All'), choices.map(([act, word]) => h('option', { value: act, key: act }, word)))),
      text('session', 'Session ID'),
      h('div', { class: 'row', key: 'do' }, h('button', { type: 'submit', class: 'btn primary' }, 'Filter'),
        Object.values(this.#filter).some(Boolean) && button({ key: 'clear', press: () => this.#choose({}) }, 'Clear')))
  }

  #table() {
    if (!this.#readAt) return null
    if (!this.#records.length) return h('p', { class: 'dim', key: 'none', role: 'status' }, 'No record fits.')
    const titles = ['No.', 'Time', 'Person', 'Act', 'Done to', 'Outcome', 'Detail']
    return h('section', { class: 'card', key: 'records', 'aria-label': 'Records' },
      h('table', { class: 'al plainrows records' },
        h('thead', {}, h('tr', {}, titles.map((title) => h('th', { key: title, scope: 'col' }, title)))),
        h('tbody', {}, this.#records.map((record) => this.#row(record)))),
      this.#next && h('div', { class: 'pad', key: 'older' },
        button({ key: 'older', busy: this.#isReading, press: () => this.#read(this.#next) }, 'Show older records')))
  }

  #row(record) {
    const { word, href } = subjectOf(record, this.#app.facility?.state)
    return h('tr', { key: record.number }, h('td', { class: 'pos' }, String(record.number)),
      h('td', { class: 'nowrap' }, h('time', { datetime: record.at, title: record.at }, `${dayAndClock(record.at)}:${record.at.slice(17, 19)}`)),
      h('td', { 'data-label': 'Person' }, record.person, h('small', { class: 'dim' }, [record.role, record.address].filter(Boolean).join(', '))),
      h('td', { 'data-label': 'Act' }, actWord(record.act)), h('td', { 'data-label': 'Done to' }, href ? link(href, {}, word) : word),
      h('td', {}, pill(outcomeOf(record))),
      h('td', { class: 'detail' }, detailOf(record).map((text, index) => h('small', { key: index }, text))))
  }
}
