// An image with its targets over it, in the image's own coordinates.

import { h } from '../dom.js'
import { isHole, numberOf } from '../ids.js'
import { dayAndClock, decimal } from '../format.js'
import { arrows, Zoom } from './zoom.js'

// The word is what a screen reader says of the target.
const look = (name, glyph, word) => ({ look: name, glyph, word })
const completed = look('ok', ' ✓', 'completed')
const looks = {
  queued: look('wait', '', 'queued'), acquiring: look('run', ' ▶', 'being imaged'), acquired: completed, processed: completed,
  completed, skipped: look('skip', '', 'skipped'), failed: look('err', ' !', 'failed'), found: look('cand', null, 'not queued'),
  // The specimen may have had its dose. This and any unknown status must never look like a fresh place.
  unknown: look('err', ' ?', 'unknown: it may have been exposed'),
}
// Of classes that are not good: at this size a dashed line alone could not tell them apart.
export const letters = { partial: 'P', small: 'S', contaminated: 'C', cracked: 'X', dark: 'D' }

export const isDone = ({ status }) => looks[status] === completed
export const lookOf = ({ status }) => looks[status] ?? looks.unknown

/** MRC files begin at the bottom, the screen at the top; half a pixel more is the pixel's middle. */
export const shownAt = (image, { x, y }) => ({ x: x + 0.5, y: image.height - 1 - y + 0.5 })

/** Stage in µm, pixel size in Å, an image's centre between its two middle pixels. */
export const pixelOf = (image, { x, y }) => ({
  x: ((x - image.centre.x) * 10_000) / image.pixelSize + (image.width - 1) / 2,
  y: ((y - image.centre.y) * 10_000) / image.pixelSize + (image.height - 1) / 2,
})

export class TargetMap {
  #app
  #label
  #open
  // Tab reaches one target, arrows go on from there: a Tab for each of hundreds would be a wall.
  #at = null
  #area = null
  #focusNext = false
  selection = new Set()
  id

  constructor(app, id, label, open) {
    Object.assign(this, { id, zoom: new Zoom(app, id) })
    this.#app = app
    this.#label = label
    this.#open = open
  }

  clear() {
    this.selection.clear()
    this.#app.invalidate()
  }

  selected(targets) { return targets.filter(({ id }) => this.selection.has(id)) }

  /** `of` is the map's grid or square. */
  render({ of, image, alt, targets, opened, highlighted, canSelect }) {
    this.targets = targets
    this.image = image
    this.canSelect = canSelect
    // The focus must not stay on a target that is gone.
    if (!targets.some(({ id }) => id === this.#at)) this.#at = null
    const first = this.#at ?? opened ?? targets[0]?.id
    this.isCrowded = labelRoom(targets.filter((target) => lookOf(target).glyph !== null)) < 26 * this.zoom.dot(image)
    return this.zoom.render(of, image, alt, {
      id: this.id, role: targets.length ? 'listbox' : 'img',
      // A list must have entries; without targets the map is announced as an image.
      'aria-label': this.#label, 'aria-multiselectable': targets.length ? 'true' : undefined,
      on: {
        click: (event) => this.#clicked(event), keydown: (event) => this.#pressed(event),
        pointerdown: (event) => this.#grabbed(event), pointermove: (event) => this.#pulled(event), pointerup: () => this.#letGo()
      },
    }, [targets.map(
      (target) => this.#target(
        target, { isOpen: target.id === opened, isFirst: target.id === first, isHighlighted: target.id === highlighted }
      )
    ), this.#areaBox()])
  }

  painted() {
    this.zoom.painted()
    if (!this.#focusNext) return
    this.#focusNext = false
    document.querySelector(`#${this.id} [data-id="${CSS.escape(this.#at)}"]`)?.focus({ preventScroll: true })
  }

  #target(target, { isOpen, isFirst, isHighlighted }) {
    const { id, point, size } = target
    const { look, glyph, word } = lookOf(target)
    // Marks keep their size on the screen: about a third of one of its pixels.
    const unit = this.zoom.dot(this.image) * 0.37
    const { x, y } = shownAt(this.image, point)
    const isPoor = target.class !== 'good'
    const number = numberOf(id, isHole(id) ? 'h' : 's')
    const isSelected = this.selection.has(id)
    const half = size / 2 + 3 * unit
    // Where numbers would lie on one another only those stand that somebody looks for.
    const isLabelled = glyph !== null
      && (!this.isCrowded || isOpen || isHighlighted || isSelected || id === this.#at || look === 'run' || look === 'err')
    const hasRoom = 2 * half > 38 * unit
    const name = `${isHole(id) ? 'Hole' : 'Square'} ${number}, ${word}${isPoor ? `, ${target.class}` : ''}`
    // A group's centre is where the stage goes; its members are reached by image shift.
    const member = target.groupCentre ? (target.groupCentre === id ? ' centre' : ' member') : ''
    return h('g', {
      key: id, role: 'option', 'data-id': id, tabindex: isFirst ? '0' : '-1', 'aria-label': name, 'aria-selected': isSelected,
      class: `${isOpen ? 'opened' : ''} ${isHighlighted ? 'hl' : ''}`
    }, h('title', [name, groupWords(target), iceWords(target), target.problem].filter(Boolean).join('. ')),
      shape(id, `t ${look}${look === 'cand' && isPoor ? ' cls' : ''}${member}`, x, y, half, unit),
      isLabelled && label(x, y - half - 5 * unit, `${number}${glyph}`, `var(--m-${look})`, 31 * unit),
      glyph === null && isPoor && hasRoom
        && label(x + half, y - half + 18 * unit, letters[target.class] ?? '', '#b9c6da', 27 * unit, 'end'),
      look === 'skip' && h('path.slash', { d: `M${x - half} ${y + half}L${x + half} ${y - half}`, stroke: 'var(--m-skip)' }),
      isOpen && shape(id, 'frame', x, y, half + 5 * unit, unit),
      isSelected && [shape(id, 'sel', x, y, half + 7 * unit, unit),
        h('circle', { cx: x, cy: y, r: 13 * unit, fill: 'var(--m-sel)' }),
        h('path', {
          d: `M${x - 6 * unit} ${y}l${4 * unit} ${5 * unit} ${8 * unit} ${-9 * unit}`, fill: 'none', stroke: '#141a22',
          'stroke-width': 3.5 * unit
        })])
  }

  #areaBox() {
    if (!this.#area) return null
    const { left, right, top, bottom } = boxOf(this.#area)
    return h('rect.sel', { key: 'area', x: left, y: top, width: right - left, height: bottom - top })
  }

  #toggle(id) {
    if (!this.canSelect) return
    if (!this.selection.delete(id)) this.selection.add(id)
    this.#app.invalidate()
  }

  #clicked(event) {
    const id = event.target.closest('[data-id]')?.dataset.id
    // The click at the end of a drag belongs to the area.
    if (!id || this.wasDragged || this.zoom.wasDragged) return
    this.#at = id
    const target = this.targets.find((candidate) => candidate.id === id)
    // What has been imaged can only be looked at; what has not can only be queued.
    if (isDone(target) || target.image || !this.canSelect) this.#open(id)
    else this.#toggle(id)
    this.#app.invalidate()
  }

  #pressed(event) {
    const id = event.target.closest('[data-id]')?.dataset.id
    if (!id) return
    this.#at = id
    // With Shift an arrow moves the image.
    if (event.shiftKey && arrows[event.key]) return
    if (arrows[event.key]) this.#walk(id, arrows[event.key])
    else if (event.key === ' ') this.#toggle(id)
    else if (event.key === 'Enter') this.#open(id)
    else if (event.key === 'Escape') this.clear()
    else return
    event.preventDefault()
  }

  // To the nearest target in that direction: what lies aside counts double.
  #walk(id, [dx, dy]) {
    const from = shownAt(this.image, this.targets.find((target) => target.id === id).point)
    let best = null
    for (const target of this.targets) {
      const { x, y } = shownAt(this.image, target.point)
      const along = (x - from.x) * dx + (y - from.y) * dy
      const aside = Math.abs((x - from.x) * dy) + Math.abs((y - from.y) * dx)
      if (
        along > Math.max(1, aside * 0.5) && (!best || along + 2 * aside < best.cost)
      ) best = { id: target.id, cost: along + 2 * aside }
    }
    if (!best) return
    this.#at = best.id
    this.#focusNext = true
    const { x, y } = shownAt(this.image, this.targets.find((target) => target.id === best.id).point)
    this.zoom.show({ x: x / this.image.width, y: y / this.image.height })
    this.#app.paint()
  }

  #grabbed(event) {
    this.wasDragged = false
    // Without Shift a drag is left to the browser, which scrolls with it on a touch screen.
    if (!event.shiftKey || !this.canSelect || event.button !== 0) return
    event.preventDefault()
    event.currentTarget.setPointerCapture(event.pointerId)
    this.#area = { from: this.#place(event), to: this.#place(event) }
  }

  #pulled(event) {
    if (!this.#area) return
    this.#area.to = this.#place(event)
    this.#app.invalidate()
  }

  #letGo() {
    if (!this.#area) return
    const { left, right, top, bottom } = boxOf(this.#area)
    this.#area = null
    // Less is a click by a hand that shook.
    this.wasDragged = right - left > 2
    for (const target of this.wasDragged ? this.targets : []) {
      const { x, y } = shownAt(this.image, target.point)
      // With what is done among them no act would be valid for all.
      if (x >= left && x <= right && y >= top && y <= bottom && !isDone(target)) this.selection.add(target.id)
    }
    this.#app.invalidate()
  }

  #place(event) {
    const { clientX, clientY, currentTarget } = event
    return new DOMPoint(clientX, clientY).matrixTransform(currentTarget.firstElementChild.getScreenCTM().inverse())
  }
}

const boxOf = ({ from, to }) => ({
  left: Math.min(from.x, to.x), right: Math.max(from.x, to.x), top: Math.min(from.y, to.y), bottom: Math.max(from.y, to.y)
})

// Between labels, in pixels of the image, if all were shown and lay evenly.
function labelRoom(targets) {
  if (targets.length < 2) return Infinity
  const [width, height] = ['x', 'y'].map((axis) => {
    const places = targets.map(({ point }) => point[axis])
    return Math.max(...places) - Math.min(...places)
  })
  return Math.max(Math.sqrt((width * height) / targets.length), Math.max(width, height) / (targets.length - 1))
}

function groupWords({ id, groupCentre }) {
  if (!groupCentre || groupCentre === id) return null
  return `Reached by image shift from hole ${numberOf(groupCentre, 'h')}`
}

const iceWords = ({ thickness }) => (thickness === undefined ? null : `Ice about ${decimal(thickness, 0)} nm`)

function shape(id, style, x, y, half, unit) {
  return isHole(id) ? h('circle', { class: style, cx: x, cy: y, r: half }) : h(
    'rect', { class: style, x: x - half, y: y - half, width: 2 * half, height: 2 * half, rx: 7 * unit }
  )
}

/** What stands in a map's place. */
export const noImage = (words) => h('div.cv', h('span.noimage', words))

export const taken = ({ takenAt }, canSelect) => h('div.ft', h('span', `Acquired ${dayAndClock(takenAt)}`),
  canSelect && h('span', 'Shift-drag selects an area'))

export const label = (x, y, text, fill, size, anchor = 'middle') =>
  h('text', { x, y, fill, 'text-anchor': anchor, style: { 'font-size': `${size}px`, 'stroke-width': `${size / 4.3}px` } }, text)
