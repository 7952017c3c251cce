// One row lifted out of the queue, by key or pointer. Nothing is sent before the drop; when somebody else changes the
// list the moving ends.

import { targetName } from '../ids.js'

export class QueueLift {
  #order = null
  #version = null
  #focus = null
  #drag = null
  isDragged = false
  id = null

  /** `queue()` gives the queue as it stands; `drop(order)` sends the new order. */
  constructor(app, queue, drop) { Object.assign(this, { app, queue, drop }) }

  // Rows that were imaged meanwhile are left out: nothing that is gone can be dropped.
  items(queue) {
    if (!this.id) return queue.items
    const byID = new Map(queue.items.map((item) => [item.id, item]))
    return this.#order.map((id) => byID.get(id)).filter(Boolean)
  }

  /** The places mean something else now. */
  heard(queue) {
    if (!this.id) return
    const isGone = !queue.items.some(({ id }) => id === this.id)
    if (queue.version === this.#version && !isGone) return
    this.#say('The queue changed. Moving was cancelled.')
    this.#end()
  }

  // The focus went with the element that was moved; the next arrow key would scroll the page.
  painted() {
    if (!this.#focus) return
    document.querySelector(`[data-row="${CSS.escape(this.#focus)}"] .grip`)?.focus({ preventScroll: true })
    this.#focus = null
  }

  handlers(id) {
    return {
      keydown: (event) => this.#pressed(id, event), pointerdown: (event) => this.#grabbed(id, event),
      // Whoever tabs away has let go, unless the row is dragged or waits for its focus.
      blur: () => { if (this.id === id && !this.isDragged && !this.#focus) this.#cancel() },
    }
  }

  #pressed(id, event) {
    const isLifted = this.id === id
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (event.key === ' ' || event.key === 'Enter') isLifted ? this.#put() : this.#lift(id)
    else if (isLifted && event.key === 'Escape') this.#cancel()
    else if (isLifted && step) this.#move(step)
    else return
    // Space would press the button again, and arrows would scroll.
    event.preventDefault()
  }

  #lift(id) {
    const queue = this.queue()
    this.id = id
    this.#version = queue.version
    this.#order = queue.items.map((item) => item.id)
    // Someone who cannot see the list has no other way to know the place.
    this.#say(`${targetName(id)} lifted, place ${this.#place + 1} of ${this.#order.length}.`)
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
    // The next key may come before the next frame, and must find the row in its new place.
    this.app.paint()
  }

  #put() {
    const order = this.#order
    const before = this.queue().items.map((item) => item.id)
    this.#say(`${targetName(this.id)} dropped at place ${this.#place + 1}.`)
    this.#focus = this.id
    this.#end()
    // Dropped where it had been, it would only raise the version and refuse other people's edits.
    if (order.some((id, index) => id !== before[index])) this.drop(order)
  }

  #cancel() {
    if (!this.id) return
    this.#say('Moving was cancelled.')
    // Keyboard users get their grip back; the mouse is somewhere else by now.
    this.#focus = this.isDragged ? null : this.id
    this.#end()
  }

  #end() {
    this.id = this.#order = null
    this.isDragged = false
    this.#drag?.abort()
    this.app.invalidate()
  }

  #say(text) { this.app.announce(text) }

  #grabbed(id, event) {
    // The right button opens the browser's menu, and the drag would never hear of its end.
    if (event.button !== 0) return
    event.preventDefault()
    event.currentTarget.focus()
    this.isDragged = true
    this.#lift(id)
    // The row moves in the document and so loses any capture: the document listens instead.
    this.#drag = new AbortController()
    const { signal } = this.#drag
    const hear = (type, act) => document.addEventListener(type, act, { signal })
    hear('pointermove', (move) => this.#pulled(move))
    hear('pointerup', () => { if (this.isDragged && this.id) this.#put() })
    hear('pointercancel', () => this.#cancel())
    hear('keydown', ({ key }) => { if (key === 'Escape') this.#cancel() })
  }

  #pulled(event) {
    if (!this.isDragged || !this.id) return
    // By what lies under the pointer: rows change places under it while it moves.
    const under = document.elementsFromPoint(event.clientX, event.clientY).map(
      (element) => element.closest('[data-row]')
    ).find(Boolean)
    const place = under ? this.#order.indexOf(under.dataset.row) : -1
    if (place < 0 || place === this.#place) return
    const box = under.getBoundingClientRect()
    const isBelow = event.clientY > box.top + box.height / 2
    // Only past the middle: rows of different heights would else change places at every move.
    if (place > this.#place === isBelow) this.#moveTo(place)
  }
}
