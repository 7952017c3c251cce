// A log: the newest lines, followed or held still, the unseen ones counted. Lines are appended: two thousand rows a second would
// be too many to describe anew.

import { get, sessionPath } from '../api.js'
import { render } from '../dom.js'
import { capitalised, clockSeconds, plural } from '../format.js'
import { copyText } from './dialogs.js'
import { button, card, focusOn, h, icon, segments } from './parts.js'

// The whole log is one press away, as a download.
const kept = 2000
// Looks alive, and leaves the page free for presses.
const paintsEvery = 250
const levels = { debug: ['Debug', 'more'], info: ['Info', 'info'], warning: ['Warn', 'warn'], error: ['Error', 'error'] }
/** Under no chip an unknown level could never be shown. */
export const levelOf = ({ level }) => (level in levels ? level : 'info')
const titles = { imaging: 'Imaging log', processing: 'Processing log' }

// The list is the page's own: it grows in place.
function foldLines(state, { type, data }) {
  if (type !== 'logLine') return state
  state.lines.push(data)
  if (state.lines.length > kept) {
    state.lines.shift()
    state.hasOlder = true
  }
  return state
}

export class LogView {
  #path
  // Debug buries what an operator needs.
  #shown = new Set(['info', 'warning', 'error'])
  #filter = ''
  #follows = true
  #unseen = 0
  #painted = 0
  #timer = 0
  // What the server found in the whole log for this filter, and how many lines of each level it has, both up to which line; null
  // where the page has every line.
  #found = null
  #counts = null
  #asking = 0
  #problem = null
  element = document.createElement('div')

  constructor(app, session, name) {
    Object.assign(this, { app, name })
    this.#path = `${sessionPath(session)}/logs/${name}`
    this.topicName = `session/${session}/log/${name}`
    this.#build()
  }

  open() {
    const watch = this.app.live.watch(this.topicName, { fold: foldLines, changed: (topic, frame) => this.#heard(frame) })
    this.topic = watch.topic
    // No timer paints into a list that is gone.
    this.close = () => { clearTimeout(this.#timer); clearTimeout(this.#asking); watch.close() }
  }

  resume() {
    this.#follow()
    this.#paint()
    this.#toEnd()
  }

  #follow() {
    this.#follows = true
    this.#unseen = 0
    this.app.invalidate()
  }

  // By its id: the field may be another element by now.
  focusFilter() { focusOn(`filter-${this.name}`) }

  render() {
    const title = titles[this.name]
    const spoken = title.toLowerCase()
    const { counts = {}, upTo = 0 } = this.#counts ?? {}
    const newer = this.#kept.filter(({ n }) => n > upTo).map(levelOf)
    const chips = Object.keys(levels).map((level) => {
      const count = (counts[level] ?? 0) + newer.filter((each) => each === level).length
      return [level, `${capitalised(level)} ${count}`, this.#shown.has(level), () => this.#toggle(level)]
    })
    return card('.log', this.name, title, h('div.tools',
        segments(`Levels of the ${spoken}`, chips),
        h('input.input.sm.filter', {
          id: `filter-${this.name}`, type: 'search', placeholder: 'Filter', 'aria-label': `Filter ${spoken}`,
          value: this.#filter,
          on: {
            input: ({ target }) => this.#setFilter(target.value),
            keydown: ({ key }) => { if (key === 'Escape') this.#setFilter('') }
          },
        }),
        button({
          // Paused only by the reader: otherwise it would look like a run that stands still.
          class: 'sm', 'aria-pressed': this.#follows, title: 'Scrolls as lines arrive. Scroll up to pause.',
          press: () => (this.#follows ? this.#hold() : this.resume())
        }, icon(this.#follows ? 'follow' : 'pause'), this.#follows ? 'Following' : 'Paused'),
        button({
          class: 'sm icon', key: 'copy', 'aria-label': `Copy visible lines of the ${spoken}`,
          title: 'Copy visible lines', press: () => this.#copy()
        }, icon('copy')),
        // A plain link: the browser saves a log of any length without this page.
        h('a.btn.sm.icon', {
          key: 'download', href: `${this.#path}/download`, download: true, 'aria-label': `Download full ${spoken}`,
          title: 'Download full log'
        }, icon('dl'))),
      h('div', { mount: this.element }),
      this.#unseen > 0 && h('div.newpill', { key: 'new' },
        button({ class: 'sm primary', key: 'resume', press: () => this.resume() }, icon('down'),
          `${plural(this.#unseen, 'new line')}, resume`)))
  }

  get #kept() { return this.topic?.state?.lines ?? [] }
  get #lines() {
    return this.#found ? [...this.#found.items, ...this.#kept.filter(({ n }) => n > this.#found.upTo)] : this.#kept
  }

  get #lacksLines() { return Boolean(this.topic?.state?.hasOlder) }

  #ask(query) { return get(`${this.#path}?newest=true&counts=true&${query}`) }

  async #count() {
    // Without it the chips count what is here.
    this.#counts = this.#lacksLines ? await this.#ask('limit=1').catch(() => null) : null
    this.app.invalidate()
  }

  async #search(text) {
    const answer = await this.#ask(`limit=${kept}&q=${encodeURIComponent(text)}`).catch((problem) => ({ problem }))
    if (text !== this.#filter) return
    this.#asking = 0
    this.#problem = answer.problem ?? null
    this.#found = answer.problem ? null : answer
    this.#paintAll()
  }

  #build() {
    // So that it can be scrolled without a mouse.
    const { element } = this
    Object.assign(element, { className: 'lines live', tabIndex: 0 })
    const set = (name, value) => element.setAttribute(name, value)
    set('role', 'log')
    set('aria-label', `${titles[this.name]} lines`)
    // Read aloud only to those who are in it.
    set('aria-live', 'off')
    element.addEventListener('focus', () => set('aria-live', 'polite'))
    element.addEventListener('blur', () => set('aria-live', 'off'))
    element.addEventListener('scroll', () => this.#scrolled())
    this.list = element.appendChild(document.createElement('ol'))
    this.note = element.appendChild(document.createElement('div'))
    // A card that changes its height moves its end away.
    new ResizeObserver(() => { if (this.#follows) this.#toEnd() }).observe(element)
  }

  #toEnd() { this.element.scrollTop = this.element.scrollHeight }

  // Zoomed pages have fractions of pixels.
  get #isAtEnd() { return this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight < 24 }

  #scrolled() {
    // Lines that come in and cards that grow move the end away too.
    const isUpward = this.element.scrollTop < this.lastTop
    this.lastTop = this.element.scrollTop
    if (this.#isAtEnd === this.#follows) return
    if (this.#isAtEnd) this.#follow()
    else if (isUpward) this.#hold()
  }

  #hold() {
    this.#follows = false
    this.app.invalidate()
  }

  #heard(frame) {
    // Numbers may begin again.
    if (frame.kind === 'snapshot') {
      this.#paintAll()
      this.#count()
      return
    }
    if (frame.kind !== 'event' || this.#timer) return
    this.#timer = setTimeout(() => { this.#timer = 0; this.#paint() }, paintsEvery)
  }

  #isVisible({ level, message, source }) {
    return this.#shown.has(levelOf({ level }))
      && (!this.#filter || `${source} ${message}`.toLowerCase().includes(this.#filter.toLowerCase()))
  }

  #paintAll() {
    this.list.replaceChildren()
    this.#painted = 0
    this.#unseen = 0
    this.#paint()
    if (this.#follows) this.#toEnd()
  }

  #paint() {
    // By the line's own number: what a snapshot repeats is not drawn twice.
    const fresh = this.#lines.filter((line) => line.n > this.#painted)
    this.#painted = this.#lines.at(-1)?.n ?? 0
    const visible = fresh.filter((line) => this.#isVisible(line))
    this.list.append(...visible.map((line) => this.#row(line)))
    this.#trim()
    if (this.#follows) this.#toEnd()
    else this.#unseen += visible.length
    this.lastTop = this.element.scrollTop
    this.#paintNote()
    this.app.invalidate()
  }

  #trim() {
    const first = this.#lines[0]?.n ?? 0
    while (this.list.firstChild && Number(this.list.firstChild.dataset.n) < first) {
      // Lines removed at the top would pull the text away under the reader's eyes.
      const height = this.list.firstChild.offsetHeight
      this.list.firstChild.remove()
      if (!this.#follows) this.element.scrollTop -= height
    }
  }

  #paintNote() {
    const isEmpty = this.list.childElementCount === 0 && this.#kept.length > 0
    const isFiltered = isEmpty && this.#filter
    const words = !this.#kept.length ? 'No lines yet' : this.#asking ? 'Looking through the whole log…'
      : this.#problem ? `Only the newest lines were looked through. ${this.#problem.sentence}`
        : isFiltered ? `No line contains ${this.#filter}` : isEmpty && 'No lines at these levels'
    render(this.note, words && h('p.empty', words, ' ',
      isFiltered && button({ class: 'sm', key: 'clear', press: () => this.#setFilter('') }, 'Clear')))
  }

  #row({ n, at, level, source, message }) {
    const [word, shape] = levels[levelOf({ level })]
    const row = document.createElement('li')
    row.className = word.toLowerCase()
    row.dataset.n = n
    render(row, h('time', { datetime: at, title: at }, clockSeconds(at)), h('span.lv', icon(shape), word),
      h('span.m', marked(message, this.#filter), ' ', h('span.src', marked(source, this.#filter))))
    return row
  }

  #toggle(level) {
    if (!this.#shown.delete(level)) this.#shown.add(level)
    this.#paintAll()
  }

  #setFilter(text) {
    this.#filter = text
    this.#found = this.#problem = null
    clearTimeout(this.#asking)
    // Not at every letter.
    this.#asking = text && this.#lacksLines ? setTimeout(() => this.#search(text), 300) : 0
    this.#paintAll()
  }

  #copy() {
    const lines = this.#lines.filter((line) => this.#isVisible(line))
    copyText(this.app,
      lines.map(({ at, level, source, message }) => `${at} [${source} - ${level.toUpperCase()}] ${message}`).join('\n'),
      plural(lines.length, 'line'))
  }
}

// The text in pieces, with what the filter found in marks.
function marked(text, filter) {
  if (!filter) return [text]
  const parts = []
  const lower = text.toLowerCase()
  let from = 0
  for (let at = lower.indexOf(filter.toLowerCase()); at >= 0; at = lower.indexOf(filter.toLowerCase(), from)) {
    parts.push(text.slice(from, at), h('mark', text.slice(at, at + filter.length)))
    from = at + filter.length
  }
  return [...parts, text.slice(from)]
}
