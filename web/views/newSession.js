// The form for a new session. The server's words win until the text that they are about is changed.
//
// What is typed is kept for this person and window, so that it outlives Back, a reload and a sign-in.

import { at } from '../base.js'
import { freshKey, get, list, send, sessionPath } from '../api.js'
import { inWords, plural } from '../format.js'
import { recallHere, rememberHere } from '../storage.js'
import { autoloader, gridBody, nextRow, positions } from './autoloader.js'
import { Forecast, forecastPanel } from './forecast.js'
import { asTyped, button, card, focusOn, h, including, problemNotice, select, space, yes } from './parts.js'
import { plans } from './plan.js'
import { allFields, fieldID, fieldProblems, problems, settings, textOf, written } from './sessionFields.js'
import { formField, goals, settingFields } from './settings.js'
import { holderOf } from './status.js'

const noRows = () => Array(positions).fill(null)

export class NewSessionView {
  place = 'new'
  #form = {
    name: '', group: '', microscope: '', detector: '', plan: 'screenEachGrid', texts: { mode: 'screening' }, rows: noRows()
  }
  #choices = { microscopes: [], detectors: [], recipes: [] }
  // A form that is red before anybody has typed teaches people to overlook red.
  #touched = new Set()
  #problem = null
  #refusals = new Map()
  #isSending = false
  // What was sent without an answer, with its key: pressed again unchanged, the form gets the session that the first press may
  // have made.
  #unanswered = null

  constructor(app) {
    const form = this.#form
    this.app = app
    this.forecast = new Forecast(app)
    // Texts and not numbers: half a number ("1.", "−") must not be changed under the fingers.
    for (const { name, value } of allFields) form.texts[name] = written(value)
    const kept = recallHere(this.#kept)
    // By an older page's form, a field may lack.
    if (kept) Object.assign(form, kept, { texts: { ...form.texts, ...kept.texts } })
  }

  get #kept() { return `gp-new-session ${this.app.me.username}` }

  #remember() { rememberHere(this.#kept, this.#form) }

  title() { return 'New session' }

  // As on the wire, grids are counted without the empty positions. Unknown fields keep the server's name.
  #take(problem) {
    this.#problem = problem
    this.#refusals.clear()
    const used = this.#form.rows.flatMap((row, index) => (row ? [index + 1] : []))
    for (const { field, sentence } of problem.details?.problems ?? []) {
      const [, index, inner] = field.match(/^grids\[(\d+)\]\.(\w+)$/) ?? []
      const name = index === undefined ? field.replace(/^settings\./, '') : `${inner} ${used[index]}`
      this.#refusals.set(name, sentence)
      this.#touched.add(name)
    }
  }

  async open() {
    try {
      const [microscopes, detectors, { items: recipes }] = await Promise.all([
        list('/api/microscopes'), list('/api/detectors'), get('/api/recipes')
      ])
      this.#choices = { microscopes, detectors, recipes }
      const like = new URLSearchParams(location.search).get('from')
      if (like) await this.#fillIn(like).catch((problem) => { this.#problem = problem })
      if (!this.#form.rows.some(Boolean)) this.#form.rows[0] = nextRow(null, recipes)
      if (!this.#form.microscope) this.#choose(microscopes[0]?.id ?? '')
    } catch (problem) {
      this.#problem = problem
    }
    this.app.invalidate()
  }

  // All but the name. The address is done with: a reload must not take back what was changed since.
  async #fillIn(id) {
    const { session, microscope, detector, plan, grids } = await get(sessionPath(id))
    const rows = noRows()
    for (const { grid: { slot, name, recipe, holeType = '', meshMaterial = '' } } of grids) {
      rows[slot - 1] = { name, holeType, meshMaterial, recipe }
    }
    const { texts } = this.#form
    for (const name of Object.keys(texts)) texts[name] = textOf(session.settings, name)
    Object.assign(this.#form, { name: '', group: session.group, microscope: microscope.id, detector: detector.id, plan, rows })
    history.replaceState(null, '', at('/sessions/new'))
    this.#remember()
  }

  // Staff may make a session for any group; the page knows those that have sessions.
  get #groups() {
    const { me, facility } = this.app
    const others = me.staff ? [...(facility?.state?.sessions ?? []).map(({ group }) => group), this.#form.group] : []
    return [...new Set([...me.groups, ...others])].filter(Boolean)
  }

  // No detector belongs to two microscopes.
  #choose(microscope) {
    this.#form.microscope = microscope
    this.#refusals.delete('detector')
    this.#form.detector = this.#choices.detectors.find((detector) => detector.microscope === microscope)?.id ?? ''
  }

  #set(name, value) {
    const { texts, rows } = this.#form
    const [field, position] = name.split(' ')
    if (position) rows[position - 1] = { ...rows[position - 1], [field]: value }
    else (name in texts ? texts : this.#form)[name] = value
    if (name === 'microscope') this.#choose(value)
    this.#touched.add(name)
    // What the server said was about another text.
    if (name === 'rows') this.#refusals.clear()
    else this.#refusals.delete(name)
    this.#remember()
  }

  render() {
    // The facility's list may come last, and with it the only groups that staff without one of their own can choose.
    const groups = this.#groups
    if (!groups.includes(this.#form.group)) this.#form.group = groups[0] ?? ''
    const found = new Map([...this.#refusals, ...problems(this.#form)])
    const host = {
      recipes: this.#choices.recipes, set: (name, text) => this.#set(name, text),
      text: (name) => {
        const [field, position] = name.split(' ')
        return position ? this.#form.rows[position - 1][field] : this.#form.texts[name]
      },
      said: (name) => ({ problem: this.#touched.has(name) ? found.get(name) : undefined }),
    }
    return h('main.page.setup', { id: 'main', key: 'new' },
      h('div', h('h1', 'New session'),
        h('p.dim', 'Sensible defaults are filled in. Change what you need, then create the session. ',
          'Nothing moves on the microscope until you press Start.')),
      // The browser's own bubbles know one problem at a time, and vanish by themselves.
      h('form.form-grid', { novalidate: true, on: { submit: () => this.#submit(found) } },
        h('div.sections', this.#general(host), this.#parameters(host),
          autoloader(this.#form.rows, host, (rows) => this.#set('rows', rows))), this.#summary(found)))
  }

  #general({ said }) {
    const { name, group, microscope, detector } = this.#form
    // A hint, not an obstacle: a session may be prepared while the microscope is busy.
    const holder = holderOf(this.app.facility?.state, microscope)
    const box = (name, label, control, help) => formField(name, label, control, help, said(name))
    const chosen = (field, label, value, choices, help) => box(field, label, (attributes) => select('', including(choices, value),
      (choice) => this.#set(field, choice), { value, ...attributes }), help)
    // By the facility's clock, as the server names folders; Swedes write dates as ISO does.
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: this.app.me.timeZone }).format().replaceAll('-', '')
    const { microscopes, detectors } = this.#choices
    return card('.fs', 'general', 'General', null, h('div.body.cols4',
      box('name', 'Session name',
        (attributes) => h('input.input', {
          value: name, ...asTyped, ...attributes,
          // A space at the end cannot be seen, and would be refused.
          on: { input: ({ target }) => this.#set('name', target.value.trim()) }
        }),
        name ? `Saved as ${today}_${name}` : 'Becomes the name of its folder'),
      chosen('group', 'Group', group, this.#groups.map((each) => [each, each]), 'All its members can watch and control it.'),
      chosen('microscope', 'Microscope', microscope, microscopes.map((each) => [each.id, `${each.name}, ${each.voltage} kV`]),
        holder ? 'Busy now; the session can start when it is free.' : 'Free now'),
      chosen('detector', 'Detector', detector,
        detectors.filter((each) => each.microscope === microscope).map((each) => [each.id, each.name]),
        'Only detectors on this microscope are listed.')))
  }

  #parameters(host) {
    const plan = select('.sm.short', plans, (value) => this.#set('plan', value), { 'aria-label': 'Plan', value: this.#form.plan })
    return card('.fs', 'parameters', 'Collection parameters', [space(), plan, goals(host)], settingFields(host))
  }

  #summary(found) {
    // After the first try to send everything is listed.
    const shown = [...found].filter(([name]) => this.#touched.has(name) || this.#touched.has('sent'))
    return h('aside.card.sumcard', { 'aria-label': 'Before you start' }, h('header', h('h2', 'Before you start')),
      h('div.body',
      !this.app.me.viewerOnly && forecastPanel(this.forecast, this.#question),
      this.#problem && problemNotice(this.#problem, 'problem', 'two'),
      h('button.btn.primary.tall', { type: 'submit', 'aria-busy': yes(this.#isSending) },
        this.#isSending ? 'Creating…' : 'Create session'),
      recallHere(this.#kept) && button({ key: 'anew', press: () => this.#leave('/sessions/new') }, 'Start over'),
      shown.length > 0 && h('div.lbl', { role: 'status', key: 'fix' }, `${plural(shown.length, 'thing')} to fix first: `,
        shown.map(([name], index) => [index > 0 && ', ', h('a', {
          key: name, href: `#${fieldID(name)}`,
          // The address would scroll without giving the field the focus, and stay in the history.
          on: { click: (event) => { event.preventDefault(); focusOn(fieldID(name)) } }
        }, fieldWords(name))]))))
  }

  // Without a name it takes as long.
  get #question() {
    const { microscope, detector, settings, grids: { length: grids } } = this.#body()
    const isRight = detector && grids && !fieldProblems((name) => this.#form.texts[name]).size
    return isRight && `/api/forecast?${new URLSearchParams({ microscope, detector, grids, settings: JSON.stringify(settings) })}`
  }

  // What was typed has done its work, or is not wanted.
  #leave(path) {
    rememberHere(this.#kept, null)
    this.app.go(path)
  }

  async #submit(found) {
    // A disabled button would lose the focus, so a second press is dropped here.
    if (this.#isSending) return
    this.#touched.add('sent')
    for (const name of found.keys()) this.#touched.add(name)
    // A message alone would leave keyboard users to look for the problem.
    if (found.size) return focusOn(fieldID(found.keys().next().value))
    this.#isSending = true
    const body = this.#body()
    // A changed body is another wish, and needs a key of its own.
    const text = JSON.stringify(body)
    const key = this.#unanswered?.text === text ? this.#unanswered.key : freshKey()
    try {
      const { id } = await send('POST', '/api/sessions', body, key)
      this.#leave(`/sessions/${id}/run`)
    } catch (problem) {
      // A refusal is an answer: the next press must not be answered by it.
      this.#unanswered = problem.isLost ? { text, key } : null
      // Back from the sign-in the form is as it was.
      if (problem.status === 401) this.app.refused('create', 'Create session', problem)
      else this.#take(problem)
    }
    this.#isSending = false
  }

  #body() {
    const { name, group, microscope, detector, plan, texts, rows } = this.#form
    const grids = rows.flatMap((row, index) => (row ? [{ position: index + 1, ...gridBody(row) }] : []))
    const wanted = { mode: texts.mode, plan, ...settings((field) => texts[field]) }
    return { name, group, microscope, detector, settings: wanted, grids }
  }
}

function fieldWords(name) {
  const [kind, position] = name.split(' ')
  if (position) return `position ${position}, ${inWords(kind).toLowerCase()}`
  return allFields.find((field) => field.name === name)?.label.toLowerCase() ?? (name === 'name' ? 'session name' : name)
}
