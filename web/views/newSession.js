// The form for a new session. The server's words win until the text that they are about is changed.

import { freshKey, get, list, send } from '../api.js'
import { h } from '../dom.js'
import { count, plural } from '../format.js'
import { Autoloader, positions } from './autoloader.js'
import { icon, options, problemNotice } from './parts.js'
import { planOptions } from './plan.js'
import { allFields, fieldID, groups, parse, problems, settings } from './sessionFields.js'

export class NewSessionView {
  place = 'new'
  #app
  #form = {
    name: '', group: '', microscope: '', detector: '', mode: 'screening', plan: 'screenEachGrid', texts: {},
    rows: Array(positions).fill(null)
  }
  #choices = { microscopes: [], detectors: [], recipes: [] }
  // A form that is red before anybody has typed teaches people to overlook red.
  #touched = new Set()
  #problem = null
  // What the server said about a field, with the text that it was about.
  #refusals = new Map()
  #isSending = false
  // What was sent without an answer, with its key: pressed again unchanged, the form gets the session that the first press may
  // have made.
  #unanswered = null
  #autoloader

  constructor(app) {
    const form = this.#form
    const touched = this.#touched
    const choices = () => this.#choices
    this.#app = app
    this.#autoloader = new Autoloader({
      get rows() { return form.rows }, get recipes() { return choices().recipes }, change: (rows) => this.#set('rows', rows),
      touch: (key) => touched.add(key), isTouched: (key) => touched.has(key),
    })
    // Texts and not numbers: half a number ("1.", "−") must not be changed under the fingers.
    for (const { name, value } of allFields) this.#form.texts[name] = String(value).replace('-', '−')
  }

  title() { return 'New session · GridPilot' }

  #found() {
    const found = problems(this.#form)
    for (const [name, { sentence, text }] of this.#refusals) {
      if (!found.has(name) && text === this.#textOf(name)) found.set(name, sentence)
    }
    return found
  }

  #textOf(name) {
    const [kind, position] = name.split(' ')
    const row = position && this.#form.rows[position - 1]
    return String(row ? row[kind === 'grid' ? 'name' : 'holeType'] : this.#form.texts[name] ?? this.#form[name] ?? '')
  }

  // As on the wire, grids are counted without the empty positions. Unknown fields are listed by the server's name.
  #take(problem) {
    this.#problem = problem
    this.#refusals.clear()
    const used = this.#form.rows.flatMap((row, index) => (row ? [index + 1] : []))
    for (const { field, sentence } of problem.details?.problems ?? []) {
      const [, index, inner] = field.match(/^grids\[(\d+)\]\.(\w+)$/) ?? []
      const name = index === undefined ? field.replace(/^settings\./, '')
        : `${inner === 'holeType' ? 'holes' : 'grid'} ${used[index]}`
      this.#refusals.set(name, { sentence, text: this.#textOf(name) })
      this.#touched.add(name)
    }
  }

  async open() {
    try {
      const [microscopes, detectors, { items: recipes }] = await Promise.all([
        list('/api/microscopes'), list('/api/detectors'), get('/api/recipes')
      ])
      this.#choices = { microscopes, detectors, recipes }
      this.#form.rows[0] = this.#autoloader.nextRow()
      this.#choose(microscopes[0]?.id ?? '')
    } catch (problem) {
      this.#problem = problem
    }
    this.#app.invalidate()
  }

  // Staff may make a session for any group; the page knows those it has seen sessions of.
  get #groups() {
    const { me, facility } = this.#app
    const others = me.staff ? (facility?.state?.sessions ?? []).map(({ group }) => group) : []
    return [...new Set([...me.groups, ...others])].filter(Boolean)
  }

  // No detector belongs to two microscopes.
  #choose(microscope) {
    this.#form.microscope = microscope
    this.#form.detector = this.#choices.detectors.find((detector) => detector.microscope === microscope)?.id ?? ''
  }

  #set(name, value) {
    this.#form[name] = value
    this.#touched.add(name)
    this.#app.invalidate()
  }

  render() {
    // The facility's list may come last, and with it the only groups that staff without one of their own can choose.
    this.#form.group ||= this.#groups[0] ?? ''
    const found = this.#found()
    return h('main.page.setup', { id: 'main', key: 'new' },
      h('div', h('h1', 'New session'),
        h('p.dim', 'Sensible defaults are filled in. Change what you need, then create the session. ',
          'Nothing moves on the microscope until you press Start.')),
      // The browser's own bubbles know one problem at a time, and vanish by themselves.
      h('form.form-grid', { novalidate: true, on: { submit: (event) => this.#submit(event, found) } },
        h('div.sections', this.#general(found), this.#parameters(found), this.#autoloader.render(found)), this.#summary(found)))
  }

  #field(name, label, problem, control, help) {
    const shown = problem && this.#touched.has(name) ? problem : null
    const id = fieldID(name)
    return h('div.field', { key: name }, h('label', { for: id }, label),
      control({ id, 'aria-invalid': shown ? 'true' : undefined, 'aria-describedby': `${id}-help` }),
      h('p', { class: shown ? 'errt' : 'help', id: `${id}-help` }, shown && icon('error', 's'), shown ?? help))
  }

  #general(found) {
    const { name, group, microscope, detector } = this.#form
    // A hint, not an obstacle: a session may be prepared while the microscope is busy.
    const holder = this.#app.facility?.state?.microscopes.find((entry) => entry.microscope.id === microscope)?.holder
    const select = (field, value, items, change) => (attributes) => h('select.input',
      { value, ...attributes, on: { change: (event) => { change?.(event.target.value); this.#set(field, event.target.value) } } },
      options(items))
    // By the facility's clock, as the server names folders; Swedes write dates as ISO does.
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: this.#app.me.timeZone }).format().replaceAll('-', '')
    return h('section.card.fs', { 'aria-labelledby': 's1' }, h('header', h('h2', { id: 's1' }, 'General')),
      h('div.body.cols4',
      this.#field('name', 'Session name', found.get('name'),
        (attributes) => h('input.input', {
          value: name, autocomplete: 'off', spellcheck: 'false', ...attributes,
          // A space at the end cannot be seen, and would be refused.
          on: { input: (event) => this.#set('name', event.target.value.trim()) }
        }),
        name ? `Saved as ${today}_${name}` : 'Becomes the name of its folder'),
      this.#field('group', 'Group', found.get('group'), select('group', group, this.#groups.map((each) => [each, each])),
        'All its members can watch and control it.'),
      this.#field('microscope', 'Microscope', found.get('microscope'),
        select('microscope', microscope, this.#choices.microscopes.map((each) => [each.id, `${each.name}, ${each.voltage} kV`]),
          (id) => this.#choose(id)),
        holder ? 'Busy now; the session can start when it is free.' : 'Free now'),
      this.#field('detector', 'Detector', found.get('detector'),
        select('detector', detector,
          this.#choices.detectors.filter((each) => each.microscope === microscope).map((each) => [each.id, each.name])),
        'Only detectors on this microscope are listed.')))
  }

  #parameters(found) {
    const mode = (value, words) => h('button', {
      type: 'button', role: 'radio', key: value, 'aria-checked': this.#form.mode === value,
      on: { click: () => this.#set('mode', value) }
    }, words)
    const input = ({ name, unit }) => (attributes) => h('div.unit',
      h('input.input', {
        // `type=number` drops what it does not understand, and turns at every scroll of the wheel.
        inputmode: 'decimal', value: this.#form.texts[name], autocomplete: 'off', ...attributes,
        on: { input: (event) => { this.#form.texts[name] = event.target.value; this.#touched.add(name); this.#app.invalidate() } }
      }),
      unit && h('span', unit))
    return h('section.card.fs', { 'aria-labelledby': 's2' },
      h('header', h('h2', { id: 's2' }, 'Collection parameters'), h('span.grow'),
        h('select.input.sm', { 'aria-label': 'Plan', on: { change: ({ target }) => this.#set('plan', target.value) } },
          planOptions(this.#form.plan)),
        h('div.seg.tall', { role: 'radiogroup', 'aria-label': 'Goal' }, mode('screening', 'Screening'),
          mode('dataCollection', 'Data collection'))),
      h('div.body.cols4', groups.map(([title, fields]) => [h('div.sub-h', { key: title }, title),
        fields.map((field) => this.#field(field.name, field.label, found.get(field.name), input(field), field.help))])))
  }

  #summary(found) {
    const { rows, texts } = this.#form
    const grids = rows.filter(Boolean).length
    // What cannot be read counts as 0; the field itself says what is wrong.
    const [squares, holes, exposures] = ['squaresPerGrid', 'holesPerSquare', 'exposuresPerHole'].map((name) =>
      parse(texts[name]) || 0)
    const line = (term, value) => [h('dt', { key: `t ${term}` }, term), h('dd', { key: `d ${term}` }, value)]
    // After the first try to send everything is listed.
    const shown = [...found].filter(([name]) => this.#touched.has(name) || this.#touched.has('sent'))
    return h('aside.card.sumcard', { 'aria-label': 'Summary' }, h('header', h('h2', 'Summary')),
      h('div.body',
      h('dl.kv', line('Grids', count(grids)), line('Squares', count(grids * squares)),
        line('Holes', count(grids * squares * holes)), line('Images', count(grids * squares * holes * exposures))),
      this.#problem && problemNotice(this.#problem, 'problem', 'two'),
      h('button.btn.primary.tall', { type: 'submit', 'aria-busy': this.#isSending ? 'true' : undefined },
        this.#isSending ? 'Creating…' : 'Create session'),
      shown.length > 0 && h('div.lbl', { role: 'status', key: 'fix' }, `${plural(shown.length, 'thing')} to fix first: `,
        shown.map(([name], index) => [index > 0 && ', ', h('a', {
          key: name, href: `#${fieldID(name)}`,
          // The address would scroll without giving the field the focus, and stay in the history.
          on: { click: (event) => { event.preventDefault(); document.getElementById(fieldID(name))?.focus() } }
        }, fieldWords(name))]))))
  }

  async #submit(event, found) {
    event.preventDefault()
    // A disabled button would lose the focus, so a second press is dropped here.
    if (this.#isSending) return
    this.#touched.add('sent')
    for (const name of found.keys()) this.#touched.add(name)
    this.#app.invalidate()
    // A message alone would leave keyboard users to look for the problem.
    if (found.size) {
      document.getElementById(fieldID(found.keys().next().value))?.focus()
      return
    }
    this.#isSending = true
    const body = this.#body()
    // A changed body is another wish, and needs a key of its own.
    const text = JSON.stringify(body)
    const key = this.#unanswered?.text === text ? this.#unanswered.key : freshKey()
    try {
      const { id } = await send('POST', '/api/sessions', body, key)
      this.#app.go(`/sessions/${id}/run`)
    } catch (problem) {
      // A refusal is an answer: nothing was made, and the next press must not be answered by it.
      this.#unanswered = problem.isLost ? { text, key } : null
      this.#take(problem)
    }
    this.#isSending = false
    this.#app.invalidate()
  }

  // Empty positions are left out, and what is unknown is not sent at all.
  #body() {
    const { name, group, microscope, detector, mode, plan, texts, rows } = this.#form
    const grids = rows.flatMap((row, index) => (row ? [{
      name: row.name, position: index + 1, ...(row.holeType && { holeType: row.holeType }),
      ...(row.meshMaterial && { meshMaterial: row.meshMaterial }), recipe: row.recipe
    }] : []))
    return { name, group, microscope, detector, settings: settings(mode, plan, texts), grids }
  }
}

function fieldWords(name) {
  const [kind, position] = name.split(' ')
  if (position) return `position ${position}, ${kind === 'grid' ? 'name' : 'hole type'}`
  return allFields.find((field) => field.name === name)?.label.toLowerCase() ?? (name === 'name' ? 'session name' : name)
}
