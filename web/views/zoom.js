// An image that wheel, buttons, keys and a drag zoom and move.

import { image as pathOf } from '../api.js'
import { decimal } from '../format.js'
import { h, picture, tool } from './parts.js'

const closest = 16
export const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const nearer = 1.6
const keys = { '+': nearer, '=': nearer, '-': 1 / nearer, 0: 0 }
const clamp = (value, low, high) => Math.max(low, Math.min(high, value))

export class Zoom {
  #image = null
  #drag = null
  #isArmed = false
  wasDragged = false
  // How close, and which point of the image is in the corner, in fractions of its size.
  factor = 1
  x = 0
  y = 0
  /** In CSS pixels; known once it was painted. */
  width = 400

  constructor(app, id) { Object.assign(this, { app, id }) }

  /** A pixel of the screen in pixels of the image. */
  dot({ width }) { return width / this.width / this.factor }

  /** The point `at`, in fractions of the view, stays where it is. */
  by(times, at = { x: 0.5, y: 0.5 }) {
    const factor = clamp(this.factor * times, 1, closest)
    const gain = 1 / this.factor - 1 / factor
    this.#look(factor, this.x + at.x * gain, this.y + at.y * gain)
  }

  /** By fractions of the view. */
  move(x, y) { this.#look(this.factor, this.x + x / this.factor, this.y + y / this.factor) }

  /** A point in fractions of the image. */
  show({ x, y }) {
    const half = 0.5 / this.factor
    if (Math.abs(x - this.x - half) > half || Math.abs(y - this.y - half) > half) this.#look(this.factor, x - half, y - half)
  }

  #look(factor, x, y) {
    Object.assign(this, { factor, x: clamp(x, 0, 1 - 1 / factor), y: clamp(y, 0, 1 - 1 / factor) })
  }

  /** `overlay` draws inside the image's own coordinates; `svg` has the properties of the drawing; `under` lies beneath it. */
  render(id, image, alt, svg, overlay, under) {
    if (this.#image !== id) Object.assign(this, { factor: 1, x: 0, y: 0 })
    this.#image = id
    const { factor, x, y } = this
    const { width, height } = image
    return h('div.cv', { class: factor > 1 ? 'near' : '', style: { '--ratio': width / height },
      on: { keydown: this.#pressed } },
      h('div.view', {
        id: `${this.id}-view`, style: { 'aspect-ratio': `${width} / ${height}` },
        on: {
          wheel: this.#wheel, pointerdown: this.#grabbed,
          pointermove: this.#pulled,
          pointerup: () => { this.#drag = null }, pointercancel: () => { this.#drag = null },
          pointerleave: () => { this.#isArmed = false },
        },
      },
        h('div.pics', { style: { transform: `scale(${factor}) translate(${-100 * x}%, ${-100 * y}%)` } },
          picture(pathOf(id, 1024), alt),
          // Above the coarse one, which is seen until this has come.
          factor > 1.5 && picture(pathOf(id, factor > 4 ? 4096 : 2048), '')),
        under, h('svg.ov', { viewBox: `0 0 ${width} ${height}`, ...svg },
          h('g', { transform: `scale(${factor}) translate(${-x * width} ${-y * height})` }, overlay)),
        scale(image, factor),
        h('div.tools', { role: 'group', 'aria-label': `Zoom: ${alt}` },
          [['+', 'Zoom in', nearer], ['−', 'Zoom out', 1 / nearer], ['1:1', 'Whole image', 0]]
            .map(([face, words, times]) => tool(face, words, alt, () => this.by(times))))))
  }

  painted() {
    const width = document.getElementById(`${this.id}-view`)?.clientWidth
    if (!width || Math.abs(width - this.width) < 2) return
    this.width = width
    this.app.invalidate()
  }

  #pressed = (event) => {
    const arrow = event.shiftKey && arrows[event.key]
    if (arrow) this.move(arrow[0] / 4, arrow[1] / 4)
    else if (event.key in keys) this.by(keys[event.key])
    else return
    event.preventDefault()
  }

  // A page that scrolls under a resting pointer goes on scrolling.
  #wheel = (event) => {
    if (!(this.#isArmed || event.ctrlKey) || (event.deltaY > 0 && this.factor === 1)) return
    event.preventDefault()
    const box = event.currentTarget.getBoundingClientRect()
    this.by(2 ** (-event.deltaY / 240), { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height })
    this.app.invalidate()
  }

  // With Shift a drag selects, and over the whole image a finger scrolls the page.
  #grabbed = (event) => {
    this.wasDragged = false
    if (this.factor > 1 && !event.shiftKey && event.button === 0) this.#drag = { x: event.clientX, y: event.clientY }
  }

  #pulled = (event) => {
    this.#isArmed ||= event.movementX !== 0 || event.movementY !== 0
    if (!this.#drag) return
    const [dx, dy] = [this.#drag.x - event.clientX, this.#drag.y - event.clientY]
    // Less is a click by a hand that shook.
    if (!this.wasDragged && Math.hypot(dx, dy) < 4) return
    // Captured only now: a click belongs to the target under it.
    if (!this.wasDragged) event.currentTarget.setPointerCapture(event.pointerId)
    this.wasDragged = true
    const { clientWidth, clientHeight } = event.currentTarget
    this.move(dx / clientWidth, dy / clientHeight)
    this.#drag = { x: event.clientX, y: event.clientY }
    this.app.invalidate()
  }
}

// A round length, about a fifth of the width.
function scale({ width, pixelSize }, factor) {
  // Å to µm. Lengths of 1, 2 or 5 can be multiplied in the head.
  const whole = (width * pixelSize) / 10_000 / factor
  const power = 10 ** Math.floor(Math.log10(whole / 5))
  const length = [5, 2, 1].map((each) => each * power).find((candidate) => candidate <= whole / 4) ?? power
  return h('span.scale', { style: { width: `${((length / whole) * 100).toFixed(1)}%`, '--w': '100%' } },
    `${length >= 1 ? length : decimal(length, length < 0.1 ? 2 : 1)} µm`)
}
