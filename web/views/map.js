// An image with its targets over it, in the image's own coordinates.

import { numberOf, targetName } from '../ids.js'
import { dayAndClock, decimal, listed } from '../format.js'
import { memo } from '../memo.js'
import { drawMarks } from './canvas.js'
import { hereMark, isDone, label, lookOf, markOf, numberWith, shape, shownAt } from './marks.js'
import { h, yes } from './parts.js'
import { arrows, Zoom } from './zoom.js'

// Beyond, marks are drawn on a canvas and only what stands out is an element.
const mostElements = 1000

/** Stage in µm, pixel size in Å, an image's centre between its two middle pixels. */
export const pixelOf = (image, { x, y }) => ({
  x: ((x - image.centre.x) * 10_000) / image.pixelSize + (image.width - 1) / 2,
  y: ((y - image.centre.y) * 10_000) / image.pixelSize + (image.height - 1) / 2,
})

export class TargetMap {
  // Tab reaches one target, arrows go on from there: a Tab for each of hundreds would be a wall.
  #at = null
  #area = null
  #focusNext = false
  // Of a drawn one: only what is an element has a title.
  #pointed = null
  selection = new Set()
  layer = 'status'

  constructor(app, id, label, open) { Object.assign(this, { app, id, label, open, zoom: new Zoom(app, id) }) }

  clear() { this.#select([]) }

  #select(ids) { this.selection = new Set(ids) }

  selected(targets) { return this.selection.size ? targets.filter(({ id }) => this.selection.has(id)) : [] }

  /** `of` is the map's grid or square, `here` the target that the run is at, `scale` that of the layer. */
  render({ of, image, alt, targets, opened, highlighted, canSelect, here, scale = null }) {
    Object.assign(this, { targets, image, canSelect, scale })
    // The focus must not stay on a target that is gone.
    if (!this.#find(this.#at)) this.#at = null
    const first = this.#at ?? (this.#find(opened) ? opened : targets[0]?.id)
    this.isMany = targets.length > mostElements
    // A pixel of the screen, in steps: not each turn of the wheel describes every mark anew.
    const dot = image.width / this.zoom.width / 2 ** (Math.round(2 * Math.log2(this.zoom.factor)) / 2)
    this.unit = 0.37 * dot
    this.labelled = apart(targets, dot)
    const near = new Set([first, opened, highlighted, here, this.#pointed, ...this.selection])
    const elements = this.isMany ? targets.filter(({ id }) => near.has(id)) : targets
    return this.zoom.render(of, image, alt, {
      id: this.id, role: targets.length ? 'listbox' : 'img',
      // A list must have entries; without targets the map is announced as an image.
      'aria-label': this.label, 'aria-multiselectable': yes(targets.length),
      on: {
        click: this.#clicked, keydown: this.#pressed, pointerdown: this.#grabbed, pointermove: this.#pulled,
        pointerup: () => this.#letGo()
      },
    }, [elements.map((target) => this.#kept(target, {
      isOpen: target.id === opened, isFirst: target.id === first, isHighlighted: target.id === highlighted,
      isHere: target.id === here, isSelected: this.selection.has(target.id)
    })), this.#areaBox()], this.isMany && h('canvas.marks', { key: 'marks', 'aria-hidden': 'true' }))
  }

  painted() {
    this.zoom.painted()
    if (this.isMany) this.#draw()
    if (!this.#focusNext) return
    this.#focusNext = false
    document.querySelector(`#${this.id} [data-id="${CSS.escape(this.#at)}"]`)?.focus({ preventScroll: true })
  }

  #find(id) { return this.targets.find((target) => target.id === id) }

  #draw() {
    const canvas = document.querySelector(`#${this.id}-view canvas`)
    if (!canvas) return
    const { zoom, targets, scale, labelled } = this
    memo(canvas, 'drawn', [canvas.clientWidth, devicePixelRatio, zoom.factor, zoom.x, zoom.y, targets, scale, labelled],
      () => drawMarks(canvas, this))
  }

  #kept(target, standing) {
    const { isOpen, isHighlighted, isSelected } = standing
    const mark = markOf(target, this.scale)
    // Where numbers would lie on one another only those stand that somebody looks for.
    const isLabelled = mark.glyph !== null
      && (this.labelled.has(target.id) || isOpen || isHighlighted || isSelected || target.id === this.#at || mark.isUrgent)
    const deps = [this.image, this.unit, this.scale, this.isMany, isLabelled, ...Object.values(standing)]
    return memo(target, this.id, deps, () => this.#target(target, mark, { ...standing, isLabelled }))
  }

  #target(target, mark, { isOpen, isFirst, isHighlighted, isHere, isSelected, isLabelled }) {
    const { id, point, size } = target
    const { unit } = this
    const { x, y } = shownAt(this.image, point)
    const half = size / 2 + 3 * unit
    const name = listed([
      targetName(id), lookOf(target).word, target.class !== 'good' && target.class, this.scale?.words(target),
      isHere && 'the run is here'
    ])
    return h('g', {
      key: id, role: 'option', 'data-id': id, tabindex: isFirst ? '0' : '-1', 'aria-label': name, 'aria-selected': isSelected,
      // Of the many only few are there.
      ...(this.isMany && { 'aria-setsize': this.targets.length, 'aria-posinset': this.targets.indexOf(target) + 1 }),
      class: `${isOpen ? 'opened' : ''} ${isHighlighted ? 'hl' : ''}`
    }, h('title', listed([name, groupWords(target), iceWords(target), target.problem], '. ')),
      shape(id, `t ${mark.style}`, x, y, half, unit, mark.fill),
      isLabelled && label(x, y - half - 5 * unit, numberWith(id, mark), mark.hue, 31 * unit),
      mark.letter && 2 * half > 38 * unit && label(x + half, y - half + 18 * unit, mark.letter, '#b9c6da', 30 * unit, 'end'),
      mark.hasSlash && h('path.slash', { d: `M${x - half} ${y + half}L${x + half} ${y - half}`, stroke: mark.hue }),
      isOpen && shape(id, 'frame', x, y, half + 5 * unit, unit),
      isHere && hereMark(this.image, x, y, half + 16 * unit, 34 * unit),
      isSelected && [shape(id, 'sel', x, y, half + 7 * unit, unit),
        h('circle', { cx: x, cy: y, r: 13 * unit, fill: 'var(--m-sel)' }),
        h('path', {
          d: `M${x - 6 * unit} ${y}l${4 * unit} ${5 * unit} ${8 * unit} ${-9 * unit}`, fill: 'none', stroke: '#141a22',
          'stroke-width': 3.5 * unit
        })])
  }

  #areaBox() {
    if (!this.#area) return null
    const [left, right, top, bottom] = boxOf(this.#area)
    return h('rect.sel', { key: 'area', x: left, y: top, width: right - left, height: bottom - top })
  }

  #toggle(id) {
    if (!this.canSelect) return
    if (!this.selection.delete(id)) this.selection.add(id)
  }

  // Marks that are only drawn hear nothing themselves.
  #under(event) {
    const element = event.target.closest('[data-id]')
    if (element || !this.isMany) return element?.dataset.id ?? null
    const place = this.#place(event)
    const slack = 4 * this.zoom.dot(this.image)
    return this.targets.find(({ point, size }) => {
      const { x, y } = shownAt(this.image, point)
      return Math.hypot(x - place.x, y - place.y) < size / 2 + slack
    })?.id ?? null
  }

  #clicked = (event) => {
    const id = this.#under(event)
    // The click at the end of a drag belongs to the area.
    if (!id || this.wasDragged || this.zoom.wasDragged) return
    this.#at = id
    this.#focusNext = this.isMany
    const target = this.#find(id)
    // What has been imaged can only be looked at; what has not can only be queued.
    if (isDone(target) || target.image || !this.canSelect) this.open(id)
    else this.#toggle(id)
  }

  #pressed = (event) => {
    const id = event.target.closest('[data-id]')?.dataset.id
    if (!id) return
    this.#at = id
    // With Shift an arrow moves the image.
    if (event.shiftKey && arrows[event.key]) return
    if (arrows[event.key]) this.#walk(id, arrows[event.key])
    else if (event.key === ' ') this.#toggle(id)
    else if (event.key === 'Enter') this.open(id)
    else if (event.key === 'Escape') this.clear()
    else return
    event.preventDefault()
  }

  // To the nearest target in that direction: what lies aside counts double.
  #walk(id, [dx, dy]) {
    const from = shownAt(this.image, this.#find(id).point)
    let best = null
    for (const target of this.targets) {
      const { x, y } = shownAt(this.image, target.point)
      const along = (x - from.x) * dx + (y - from.y) * dy
      const aside = Math.abs((x - from.x) * dy) + Math.abs((y - from.y) * dx)
      const cost = along + 2 * aside
      if (along > Math.max(1, aside * 0.5) && (!best || cost < best.cost)) best = { id: target.id, cost, x, y }
    }
    if (!best) return
    this.#at = best.id
    this.#focusNext = true
    const { x, y } = best
    this.zoom.show({ x: x / this.image.width, y: y / this.image.height })
    this.app.paint()
  }

  #grabbed = (event) => {
    this.wasDragged = false
    // Without Shift a drag is left to the browser: on a touch screen it scrolls.
    if (!event.shiftKey || !this.canSelect || event.button !== 0) return
    event.preventDefault()
    event.currentTarget.setPointerCapture(event.pointerId)
    this.#area = { from: this.#place(event), to: this.#place(event) }
  }

  #pulled = (event) => {
    if (!this.#area) {
      const pointed = this.isMany && !event.buttons ? this.#under(event) : this.#pointed
      if (pointed !== this.#pointed) this.app.invalidate()
      this.#pointed = pointed
      return
    }
    this.#area.to = this.#place(event)
    this.app.invalidate()
  }

  #letGo() {
    if (!this.#area) return
    const [left, right, top, bottom] = boxOf(this.#area)
    this.#area = null
    // Less is a click by a hand that shook.
    this.wasDragged = right - left > 2
    const inside = ({ point }) => {
      const { x, y } = shownAt(this.image, point)
      return x >= left && x <= right && y >= top && y <= bottom
    }
    // With what is done among them no act would be valid for all.
    const found = this.wasDragged ? this.targets.filter((target) => inside(target) && !isDone(target)) : []
    this.#select([...this.selection, ...found.map(({ id }) => id)])
  }

  #place(event) {
    const { clientX, clientY, currentTarget } = event
    return new DOMPoint(clientX, clientY).matrixTransform(currentTarget.firstElementChild.getScreenCTM().inverse())
  }
}

// Left, right, top and bottom.
const boxOf = ({ from, to }) => ['x', 'y'].flatMap((axis) =>
  [Math.min(from[axis], to[axis]), Math.max(from[axis], to[axis])])

// Ids of those whose number lies on no other's: where many lie close none stands until one comes closer.
const apart = (targets, dot) => memo(targets, 'apart', [dot], () => {
  const places = targets.filter((target) => lookOf(target).glyph !== null).sort((left, right) => left.point.x - right.point.x)
  const found = new Set(places.map(({ id }) => id))
  places.forEach((one, index) => {
    for (let next = index + 1; places[next]?.point.x < one.point.x + 36 * dot; next += 1) {
      if (Math.abs(places[next].point.y - one.point.y) < 14 * dot) for (const { id } of [one, places[next]]) found.delete(id)
    }
  })
  return found
})

const groupWords = ({ id, groupCentre }) => groupCentre && groupCentre !== id
  && `Reached by image shift from hole ${numberOf(groupCentre, 'h')}`

const iceWords = ({ thickness }) => thickness !== undefined && `Ice about ${decimal(thickness, 0)} nm`

export const noImage = (words) => h('div.cv', h('span.noimage', words))

export const taken = ({ takenAt }, canSelect) => h('div.ft', h('span', `Acquired ${dayAndClock(takenAt)}`),
  canSelect && h('span', 'Shift-drag selects an area'))
