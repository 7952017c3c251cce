// Small pieces that every view uses, and `h`.

import { h } from '../dom.js'
import { clockSeconds } from '../format.js'

export { h }

/** What an attribute of ARIA says where it holds; else there is none. */
export const yes = (holds) => (holds ? 'true' : undefined)

// Small, unless it is of size `m` or `l`. Hidden from screen readers: a word beside it or the button's label says the same.
export const icon = (name, size = 's') =>
  h('svg', { class: `i ${size}`.trim(), viewBox: '0 0 16 16', 'aria-hidden': 'true' }, h('use', { href: `#i-${name}` }))

export const logo = () => h('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, h('use', { href: '#i-logo' }))

/** Status is hue, shape and word together. */
export const pill = ({ kind, icon: shape, word }, { large = false, id } = {}) =>
  h('span', { class: `pill ${large ? 'lg ' : ''}${kind}`, id }, icon(shape, large ? '' : 's'), word)

/** With a `reason` a button stays focusable and says why it rests. `describedBy` names an element that shows it already. */
export function button({ press, reason, describedBy, busy, class: style = '', key, ...attributes }, ...children) {
  // No spaces: they would part the id where it is named.
  const why = reason && !describedBy ? `why-${key ?? attributes.id}`.replaceAll(' ', '-') : describedBy
  // A disabled button drops the focus: nobody could reach it to learn why it rests. `busy` needs no reason.
  const rests = reason || busy
  const element = h('button', {
    type: 'button', ...attributes, key, class: `btn ${style}`.trim(), title: reason ?? attributes.title,
    'aria-disabled': yes(rests), 'aria-busy': yes(busy),
    'aria-describedby': rests ? why : undefined, on: { click: rests ? (event) => event.preventDefault() : press },
  }, ...children)
  return why && !describedBy ? [element, hidden(reason, { id: why, key: why })] : element
}

/** Of a map: what it does, and of which. */
export const tool = (face, words, of, press, more) =>
  button({ class: 'sm icon', key: words, 'aria-label': `${words}: ${of}`, title: words, press, ...more }, face)

export const submitter = (attributes, ...children) => button({ type: 'submit', press: () => {}, ...attributes }, ...children)

export const closer = (what, press) =>
  button({ class: 'sm icon ghost', key: 'close', 'aria-label': `Close: ${what}`, press }, icon('x'))

const kindIcons = { err: 'error', warn: 'warn', ok: 'done' }

/** A sentence that somebody should know, what more there is to it, and what can be done. The icon follows the kind. */
export function notice({ kind, icon: shape = kindIcons[kind] ?? 'info', style = '', ...attributes }, sentence, detail, ...acts) {
  const role = kind === 'err' ? 'alert' : 'status'
  return h('div.notice', { class: `${kind} ${style}`.trim(), role, ...attributes }, icon(shape, 'm'),
    h('div', h('b', sentence), ' ', detail), acts.length > 0 && h('div.act', acts))
}

export const problemNotice = ({ sentence, remedy }, key = 'problem', style = '') =>
  notice({ kind: 'err', key, style }, sentence, remedy)

/** Spares the wait between two tries. */
export const tryNow = (live) => button({ class: 'sm', key: 'try', press: () => live.connect() }, 'Try now')

/** Until a topic has a state: why it has none, or that it comes. */
export const awaited = ({ topic }, what) => (topic?.problem ? problemNotice(topic.problem)
  : h('p.dim', { role: 'status', key: 'loading' }, `Loading the ${what}…`))

export const link = (href, attributes, ...children) => h('a', { href, ...attributes }, ...children)

/**
 * `items`: each a value and its words. `choose(value)` hears; where the server `decides`, it is as it was until that says so.
 */
export const select = (style, items, choose, { decides, ...attributes }) => h(`select.input${style}`, {
  ...attributes,
  on: {
    change: ({ target }) => {
      const wanted = target.value
      if (decides) target.value = attributes.value
      return choose(wanted)
    }
  }
}, items.map(([value, words]) => h('option', { key: value, value }, words)))

export const focusOn = (id) => document.getElementById(id)?.focus()

export const copyButton = ({ app, session }) => !app.me.viewerOnly && button(
  { class: 'sm', key: 'copy', press: () => app.go(`/sessions/new?from=${session}`) }, icon('copy'), 'Copy to a new session')

/** With what is chosen, also where that can no longer be chosen. */
export const including = (items, chosen, words = `${chosen}, not there any more`) =>
  (!chosen || !items.length || items.some(([value]) => value === chosen) ? items : [...items, [chosen, words]])

/** A problem takes the place of the help; `news` stands beside either. */
export const field = (id, label, input, help, { problem, news } = {}) => h('div.field', { key: id },
  h('label', { for: id }, label), input, (help || problem) && h('p', { class: problem ? 'errt' : 'help', id: `${id}-help` },
    problem && icon('error'), problem ?? help, news && h('b.c-warn', ` ${news}`)))

/** Choices in a row: `[key, words, isOn, press]`. With `radio`, properties of each, at most one is on. */
export const segments = (label, choices, radio, attributes) =>
  h('div.seg', { key: label, role: radio ? 'radiogroup' : 'group', 'aria-label': label, ...attributes },
    choices.map(([key, words, isOn, press]) => h('button', {
      type: 'button', key, ...(radio ? { ...radio, role: 'radio', 'aria-checked': isOn } : { 'aria-pressed': isOn }),
      on: { click: press }
    }, words)))

/** Of `items`, each a value and its words, the `chosen` one is on. */
export const oneOf = (items, chosen, choose) =>
  items.map(([value, words]) => [value, words, value === chosen, () => choose(value)])

// Names are no words: no browser should capitalise, underline or complete them.
export const asTyped = { autocapitalize: 'none', spellcheck: 'false', autocomplete: 'off' }

/** For screen readers alone. */
export const hidden = (words, attributes = {}) => h('span.sr', attributes, words)

/** `head`: what else stands beside the title. */
export const card = (style, id, title, head, ...body) => h(`section.card${style}`, { key: id, 'aria-labelledby': `h-${id}` },
  h('header.wrap', h('h2', { id: `h-${id}` }, title), head), body)

export const page = (key, ...children) => h('main.page', { id: 'main', key }, ...children)

export const space = () => h('span.grow')

export const table = (style, titles, rows) => h(`table.al${style}`,
  h('thead', h('tr', titles.map((title, index) => h('th', { key: index, scope: 'col' }, title)))), h('tbody', rows))

/** On a phone the column's title stands before each value. */
export const cell = (label, value) => h('td', { 'data-label': label }, value)

/** The head of a page that is not live; `readAt`: how old it is. */
export const readHead = (title, readAt, again, more) => h('div.row.wrap', { key: 'head' }, h('h1', title), more, space(),
  readAt && h('span.dim', { key: 'read' }, `Read at ${clockSeconds(readAt)}`), button({ key: 'again', ...again }, 'Read again'))

/** Rows of a term and what there is of it. */
export const terms = (style, rows) => h(`dl${style}`,
  rows.map(([term, fact]) => [h('dt', { key: `t ${term}` }, term), h('dd', { key: `d ${term}` }, fact)]))

export const stat = (label, ...value) => h('div.stat', h('dt', label), h('dd', ...value))

/** With a `label` it is read out. A `meter` may rise and fall, a `progressbar` runs to its end. */
export function bar(fraction, { kind = '', label, role = 'progressbar', class: style = '' } = {}) {
  // An estimate may run past its end, and a disk hold more than was said.
  const percent = Math.round(Math.max(0, Math.min(1, fraction)) * 100)
  const spoken = label && { role, 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': percent, 'aria-label': label }
  return h('div', { class: `bar ${kind} ${style}`.trim(), ...spoken }, h('i', { style: { width: `${percent}%` } }))
}

/** A small line of values, oldest first; null is a gap. `limit` draws a dashed line. */
export function spark(values, { width = 120, height = 34, kind = '', limit, min, max } = {}) {
  const known = values.filter((value) => value !== null)
  if (known.length < 2) return null
  const low = min ?? Math.min(...known, limit ?? Infinity)
  const high = max ?? Math.max(...known, limit ?? -Infinity)
  const x = (index) => (index / (values.length - 1)) * width
  const y = (value) => height - 2 - ((value - low) / (high - low || 1)) * (height - 4)
  // A line or filled area across a gap would claim values that nobody measured.
  const line = pathThrough(values.map((value, index) => value !== null && [x(index), y(value)]))
  const area = known.length === values.length ? `${line}L${width} ${height}L0 ${height}Z` : null
  return h('svg',
    { class: `spark ${kind}`.trim(), viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    area && h('path.ar', { d: area }), limit !== undefined && h('path.th', { d: `M0 ${y(limit).toFixed(1)}H${width}` }),
    h('path.ln', { d: line }))
}

// Tried again only when asked: each painting would ask a hanging server.
export const brokenImages = new Set()

export function picture(src, alt, loading) {
  if (brokenImages.has(src)) {
    const press = (event) => { event.preventDefault(); brokenImages.delete(src) }
    return h('span.noimage', { key: `broken ${src}` }, h('span', 'Image could not be loaded'),
      button({ class: 'sm', key: `again ${src}`, press }, 'Try again'))
  }
  return h('img', {
    key: src, src, alt, decoding: 'async', draggable: 'false', loading, on: { error: () => { brokenImages.add(src) } },
  })
}

/** Through points of the screen; null is a gap. */
export const pathThrough = (points) => points.map((point, index) => (
  point ? `${points[index - 1] ? 'L' : 'M'}${point.map((place) => place.toFixed(1)).join(' ')}` : '')).join('')

/** `items`: `{label, icon, press, reason}`; `{label, href, file}` for one that is saved; `isOn` where one is chosen. */
export function menu(app, { id, label, title, face, class: style = 'ghost sm icon', items }) {
  const isOpen = app.openMenu === id
  const close = () => {
    app.openMenu = null
    focusOn(id)
  }
  const toggle = () => {
    // Not by `isOpen`, which is as old as the last painting.
    app.openMenu = app.openMenu === id ? null : id
    app.paint()
    if (app.openMenu) document.querySelector(`#${CSS.escape(`${id}-menu`)} .btn`)?.focus()
  }
  const onKey = (event) => {
    const all = [...event.currentTarget.querySelectorAll('.btn')]
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    // The Esc that closes a menu must not also clear the selection behind it.
    if (event.key === 'Escape') { event.stopPropagation(); close() }
    if (!step) return
    event.preventDefault()
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus()
  }
  return h('span.menuhost', { key: `menu ${id}`, 'data-menu': id },
    h('button.btn', {
      type: 'button', id, class: style, 'aria-label': label, title, 'aria-haspopup': 'menu', 'aria-expanded': isOpen,
      on: { click: toggle },
    }, face ?? icon('more')),
    isOpen && h('div.menu', { id: `${id}-menu`, role: 'menu', 'aria-label': label, on: { keydown: onKey } },
      items.map(({ label: words, icon: shape, press, reason, href, file, isOn }) => h(`${href ? 'a' : 'button'}.btn.ghost.sm`, {
        role: isOn === undefined ? 'menuitem' : 'menuitemradio', 'aria-checked': isOn, key: words, title: reason,
        ...(href ? { href, download: file } : { type: 'button' }), 'aria-disabled': yes(reason),
        // Closed first, with the focus back on its button, for a dialog to return it there.
        on: { click: () => { if (!reason) { close(); press?.() } } },
      }, shape && icon(shape), words, isOn && icon('check')))))
}
