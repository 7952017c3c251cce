// Small pieces that every view uses.

import { h } from '../dom.js'

// Decoration to those who listen: whatever an icon says also stands beside it as a word, or in the label of its button.
export const icon = (name, size = '') =>
  h(
    'svg', { class: `i ${size}`.trim(), viewBox: '0 0 16 16', 'aria-hidden': 'true' },
    h('use', { href: `#i-${name}` })
  )

export const logo = () => h('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, h('use', { href: '#i-logo' }))

/** Status is hue, shape and word together. */
export const pill = ({ kind, icon: shape, word }, { large = false, id } = {}) =>
  h('span', { class: `pill ${large ? 'lg ' : ''}${kind}`, id }, icon(shape, large ? '' : 's'), word)

/**
 * A button. With a `reason` it stays focusable, says why it rests, and does nothing when pressed. `describedBy` names an
 * element that shows the reason already.
 */
export function button({ press, reason, describedBy, busy, class: style = '', key, ...attributes }, ...children) {
  const why = reason && !describedBy ? `why-${key ?? attributes.id}` : describedBy
  // `aria-disabled` and not `disabled`: a disabled button drops the focus that was on it, and nobody could reach it to learn
  // why it rests. `busy` needs no reason, since the button's own words then say what it waits for.
  const rests = Boolean(reason) || Boolean(busy)
  const element = h('button', {
    type: 'button', ...attributes, key, class: `btn ${style}`.trim(), title: reason ?? attributes.title,
    'aria-disabled': rests ? 'true' : undefined, 'aria-busy': busy ? 'true' : undefined,
    'aria-describedby': rests ? why : undefined, on: { click: rests ? (event) => event.preventDefault() : press },
  }, ...children)
  return why && !describedBy ? [element, h('span', { class: 'sr', id: why, key: why }, reason)] : element
}

/** A small cross that closes what says `what`. */
export const closer = (what, press) => button({ class: 'sm icon ghost', key: 'close', 'aria-label': `Close: ${what}`, press }, icon('x', 's'))

/** What the server, or the way to it, said instead of doing it. */
export const problemNotice = ({ sentence, remedy }, key = 'problem', style = '') => h('div', { class: `notice err ${style}`.trim(), role: 'alert', key },
  icon('error'), h('div', {}, h('b', {}, sentence), ' ', remedy))

/** A link inside the page set: the app follows it without loading anew. */
export const link = (href, attributes, ...children) => h('a', { href, ...attributes }, ...children)

export const stat = (label, ...value) => h('div', { class: 'stat' }, h('dt', {}, label), h('dd', {}, ...value))

/**
 * How much of something. With a `label` it is read out too; without, the figures beside it are. A `meter` is an amount that may
 * rise and fall (a disk), a `progressbar` runs to its end.
 */
export function bar(fraction, { kind = '', label, role = 'progressbar', class: style = '' } = {}) {
  // An estimate may run past its end, and a disk hold more than it was said to.
  const percent = Math.round(Math.max(0, Math.min(1, fraction)) * 100)
  const spoken = label ? {
    role, 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-valuenow': String(percent), 'aria-label': label
  } : {}
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
  // A gap stays a gap: a line across it would claim values that nobody measured, and so would a filled area.
  const points = values.map((value, index) => (value === null ? null : `${x(index).toFixed(1)} ${y(value).toFixed(1)}`))
  const line = points.map((point, index) => (point === null ? '' : `${points[index - 1] ? 'L' : 'M'}${point}`)).join('')
  const area = known.length === values.length ? `${line}L${width} ${height}L0 ${height}Z` : null
  return h('svg',
    { class: `spark ${kind}`.trim(), viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    area && h('path', { class: 'ar', d: area }),
    limit !== undefined && h('path', { class: 'th', d: `M0 ${y(limit).toFixed(1)}H${width}` }),
    h('path', { class: 'ln', d: line }))
}

/** An image of the server, or what stands in its place, with another try for one that could not be loaded. */
// Not asked for again by itself: the page is painted each second, and a server whose disk hangs would be asked each second too.
export function picture(app, src, alt, { class: style } = {}) {
  if (app.brokenImages.has(src)) {
    return h('span', { class: `noimage ${style ?? ''}`, key: `broken ${src}` }, h('span', {}, 'Image could not be loaded'),
      button(
        {
          class: 'sm', key: `again ${src}`,
          press: (event) => { event.preventDefault(); app.brokenImages.delete(src); app.invalidate() }
        },
        'Try again'
      ))
  }
  return h('img', {
    key: src, src, alt, class: style, decoding: 'async', draggable: 'false',
    on: { error: () => { app.brokenImages.add(src); app.invalidate() } },
  })
}

/** A button that opens a menu. `items`: `{label, icon, press, reason}`. */
export function menu(app, { id, label, title, face, class: style = 'ghost sm icon', items }) {
  const isOpen = app.openMenu === id
  const close = (refocus) => {
    app.openMenu = null
    app.invalidate()
    if (refocus) document.getElementById(id)?.focus()
  }
  const toggle = () => {
    app.openMenu = isOpen ? null : id
    app.paint()
    if (!isOpen) document.querySelector(`#${CSS.escape(id)}-menu button`)?.focus()
  }
  const onKey = (event) => {
    const all = [...event.currentTarget.querySelectorAll('button')]
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    // The Esc that closes a menu does nothing else, such as clearing the selection behind it.
    if (event.key === 'Escape') { event.stopPropagation(); close(true) }
    if (!step) return
    event.preventDefault()
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus()
  }
  return h('span', { class: 'menuhost', key: `menu ${id}`, 'data-menu': id },
    h('button', {
      type: 'button', id, class: `btn ${style}`, 'aria-label': label, title, 'aria-haspopup': 'menu', 'aria-expanded': isOpen,
      on: { click: toggle },
    }, face ?? icon('more', 's')),
    isOpen && h('div', { class: 'menu', id: `${id}-menu`, role: 'menu', 'aria-label': label, on: { keydown: onKey } },
      items.map((item) => h('button', {
      type: 'button', class: 'btn ghost sm', role: 'menuitem', key: item.label, title: item.reason,
      'aria-disabled': item.reason ? 'true' : undefined,
      // Closed first, with the focus back on its button: a dialog that `press` opens gives the focus back to where it was.
      on: { click: () => { if (!item.reason) { close(true); item.press() } } },
    }, item.icon && icon(item.icon, 's'), item.label))))
}
