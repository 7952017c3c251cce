// One row lifted out of the queue, by keyboard or by pointer, until it is dropped or let go.
//
// While a row is lifted the list shows the order it would have; nothing is sent before the drop, and then the whole order at once.
// Never to be misread: a drop on a list that somebody else has changed. The moving then ends, and says so, without sending.

import { targetName } from '../ids.js'

export class QueueLift {
  #app
  #queue
  #drop
  #order = null
  #version = null
  #focus = null
  #drag = null
  isDragged = false
  id = null

  /** `queue()` gives the queue as it stands; `drop(order)` sends the new order. */
  constructor(app, queue, drop) {
    this.#app = app
    this.#queue = queue
    this.#drop = drop
  }

  /** The list as it would be if the row were dropped now. */
  items(queue) {
    if (!this.id) return queue.items
    const byID = new Map(queue.items.map((item) => [item.id, item]))
    return this.#order.filter((id) => byID.has(id)).map((id) => byID.get(id))
  }

  /** A list that somebody else changed ends the moving: the places mean something else now. */
  heard(queue) {
    if (!this.id) return
    const isGone = !queue.items.some(({ id }) => id === this.id)
    if (queue.version === this.#version && !isGone) return
    this.#say('The queue changed. Moving was cancelled.')
    this.#end()
  }

  painted() {
    if (!this.#focus) return
    document.querySelector(`[data-row="${CSS.escape(this.#focus)}"] .grip`)?.focus({ preventScroll: true })
    this.#focus = null
  }

  handlers(id) {
    return {
      keydown: (event) => this.#pressed(id, event),
      pointerdown: (event) => this.#grabbed(id, event),
      blur: () => { if (this.id === id && !this.isDragged && !this.#focus) this.#cancel() },
    }
  }

  #pressed(id, event) {
    const isLifted = this.id === id
    if (event.key === ' ' || event.key === 'Enter') isLifted ? this.#put() : this.#lift(id)
    else if (isLifted && event.key === 'Escape') this.#cancel()
    else if (isLifted && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) this.#move(event.key === 'ArrowUp' ? -1 : 1)
    else return
    event.preventDefault()
  }

  #lift(id) {
    const queue = this.#queue()
    this.id = id
    this.#version = queue.version
    this.#order = queue.items.map((item) => item.id)
    this.#say(`${targetName(id)} lifted, place ${this.#place + 1} of ${this.#order.length}.`)
    this.#app.invalidate()
  }

  get #place() { return this.#order.indexOf(this.id) }

  #move(step) {
    const to = this.#place + step
    if (to < 0 || to >= this.#order.length) return
    this.#moveTo(to)
    this.#say(`${targetName(this.id)}, place ${to + 1} of ${this.#order.length}.`)
  }

  #moveTo(place) {
    const order = this.#order.filter((id) => id !== this.id)
    order.splice(place, 0, this.id)
    this.#order = order
    this.#focus = this.id
    this.#app.paint()
  }

  #put() {
    const order = this.#order
    const before = this.#queue().items.map((item) => item.id)
    this.#say(`${targetName(this.id)} dropped at place ${this.#place + 1}.`)
    this.#focus = this.id
    this.#end()
    if (order.some((id, index) => id !== before[index])) this.#drop(order)
  }

  #cancel() {
    if (!this.id) return
    this.#say('Moving was cancelled.')
    this.#focus = this.isDragged ? null : this.id
    this.#end()
  }

  #end() {
    this.id = null
    this.#order = null
    this.isDragged = false
    this.#drag?.abort()
    this.#app.invalidate()
  }

  #say(text) { this.#app.announce(text) }

  #grabbed(id, event) {
    if (event.button !== 0) return
    event.preventDefault()
    event.currentTarget.focus()
    this.isDragged = true
    this.#lift(id)
    // The row moves in the document, and with that loses any capture: the document listens instead.
    this.#drag = new AbortController()
    const { signal } = this.#drag
    document.addEventListener('pointermove', (move) => this.#pulled(move), { signal })
    document.addEventListener('pointerup', () => this.#letGo(), { signal })
    document.addEventListener('pointercancel', () => this.#cancel(), { signal })
    document.addEventListener('keydown', (key) => { if (key.key === 'Escape') this.#cancel() }, { signal })
  }

  #pulled(event) {
    if (!this.isDragged || !this.id) return
    const under = document.elementsFromPoint(event.clientX, event.clientY).map(
      (element) => element.closest('[data-row]')
    ).find(Boolean)
    const place = under ? this.#order.indexOf(under.dataset.row) : -1
    if (place < 0 || place === this.#place) return
    const box = under.getBoundingClientRect()
    const isBelow = event.clientY > box.top + box.height / 2
    if (place > this.#place === isBelow) this.#moveTo(place)
  }

  #letGo() {
    if (this.isDragged && this.id) this.#put()
  }
}
