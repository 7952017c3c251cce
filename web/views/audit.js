// Who did what, newest first, and whether that record is whole; not live. Whoever is not staff sees one session of
// theirs, whose id is in the address.

import { at } from '../base.js'
import { get } from '../api.js'
import { count, dayAndClock, listed, sentences } from '../format.js'
import { actWord, choices, detailOf, outcomeOf, subjectOf } from './auditWords.js'
import { asTyped, button, cell, field, h, link, notice, page, pill, problemNotice, readHead, select, table } from './parts.js'

const perPage = 100
const fields = ['person', 'act', 'session']

const queryOf = (filter) => new URLSearchParams(Object.entries(filter).filter(([, value]) => value))

export class AuditView {
  place = 'audit'
  #records = []
  #next = null
  #check = null
  // Checking the whole log takes longer than the list, and may fail alone.
  #checkProblem = null
  #readAt = null
  #problem = null
  #isReading = false
  // What stands in the fields; it counts once it is sent.
  #draft
  // So that an older question's answer replaces no newer one's.
  #asked = 0
  #looked = 0

  constructor(app) {
    this.app = app
    this.#draft = this.#filter
  }

  title() { return 'Audit' }
  open() { this.#read() }

  get #filter() {
    const query = new URLSearchParams(location.search)
    return Object.fromEntries(fields.map((name) => [name, query.get(name) ?? '']))
  }

  #path(after) { return `/api/audit?${queryOf({ ...this.#filter, limit: perPage, after })}` }

  async #read(after) {
    const number = this.#asked += 1
    this.#isReading = true
    if (!after && this.app.me.staff) this.#look()
    try {
      const page = await get(this.#path(after))
      if (number !== this.#asked) return
      this.#records = after ? [...this.#records, ...page.items] : page.items
      this.#next = page.next
      if (!after) this.#readAt = this.app.live.now()
      this.#problem = null
    } catch (problem) {
      if (number !== this.#asked) return
      this.#problem = problem
      if (!after) [this.#records, this.#next, this.#readAt] = [[], null, null]
    }
    this.#isReading = false
    this.app.invalidate()
  }

  async #look() {
    const number = this.#looked += 1
    this.#check = this.#checkProblem = null
    const found = await get('/api/audit/check').catch((refusal) => ({ refusal }))
    if (number !== this.#looked) return
    if (found.refusal) this.#checkProblem = found.refusal
    else this.#check = found
    this.app.invalidate()
  }

  #choose(filter) {
    const query = queryOf(filter).toString()
    history.replaceState(null, '', at(query ? `/audit?${query}` : '/audit'))
    this.#draft = this.#filter
    this.#read()
  }

  render() {
    return page('audit',
      readHead('Audit', this.#readAt, { busy: this.#isReading, press: () => this.#read() }, this.#wholeness()),
      this.#doubts(), this.#problem && problemNotice(this.#problem), this.#form(), this.#table())
  }

  #wholeness() {
    if (this.#checkProblem || !this.app.me.staff) return null
    if (!this.#check) return h('span.dim', { key: 'checking' }, 'Checking')
    return this.#check.whole
      ? pill({ kind: 'ok', icon: 'check', word: `Whole, ${count(this.#check.count)} records` })
      : pill({ kind: 'err', icon: 'error', word: 'Not whole' })
  }

  #doubts() {
    const { problem } = this.#check ?? {}
    const refusal = this.#checkProblem
    const remedy = 'Keep the data directory as it is, and compare it with a backup.'
    return [
      problem && problemNotice({ ...problem, remedy }, 'broken'),
      refusal && notice({ kind: 'warn', role: 'alert', key: 'unchecked' }, 'Nobody can say whether the log is whole.',
        sentences(refusal.sentence, refusal.remedy))
    ]
  }

  #form() {
    const draft = this.#draft
    // Painted each second, a field must be given what was typed, or it would lose it.
    const typed = (name) => ({ id: `audit-${name}`, name, value: draft[name] })
    const text = (name, label) => field(`audit-${name}`, label,
      h('input.input', { ...typed(name), ...asTyped, on: { input: ({ target }) => { draft[name] = target.value } } }))
    const submit = () => this.#choose(Object.fromEntries(fields.map((name) => [name, draft[name].trim()])))
    return h('form.card.filters', { key: 'filters', 'aria-label': 'Filter', on: { submit } }, text('person', 'Person'),
      field('audit-act', 'Act', select('', [['', 'All'], ...choices], (act) => { draft.act = act }, typed('act'))),
      text('session', 'Session ID'),
      h('div.row', { key: 'do' }, h('button.btn.primary', { type: 'submit' }, 'Filter'),
        Object.values(this.#filter).some(Boolean) && button({ key: 'clear', press: () => this.#choose({}) }, 'Clear')))
  }

  #table() {
    if (!this.#readAt) return null
    if (!this.#records.length) return h('p.dim', { key: 'none', role: 'status' }, 'No record fits.')
    const titles = ['No.', 'Time', 'Person', 'Act', 'Done to', 'Outcome', 'Detail']
    return h('section.card', { key: 'records', 'aria-label': 'Records' },
      table('.plainrows.records', titles, this.#records.map((record) => this.#row(record))),
      this.#next && h('div.pad', { key: 'older' },
        button({ key: 'older', busy: this.#isReading, press: () => this.#read(this.#next) }, 'Show older records')))
  }

  #row(record) {
    const { word, href } = subjectOf(record, this.app.facility?.state)
    return h('tr', { key: record.number }, h('td.pos', record.number),
      h('td.nowrap', h('time', { datetime: record.at, title: record.at },
        `${dayAndClock(record.at)}:${record.at.slice(17, 19)}`)),
      cell('Person', [record.person, h('small.dim', listed([record.role, record.address]))]),
      cell('Act', actWord(record.act)), cell('Done to', href ? link(href, {}, word) : word),
      h('td', pill(outcomeOf(record))), h('td.detail', detailOf(record).map((text, index) => h('small', { key: index }, text))))
  }
}
