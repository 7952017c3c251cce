// What waits to be imaged. The order of the list is the order of imaging: rows are grouped by square but never sorted.

import { editQueue, whyNoEdit } from '../commands.js'
import { briefly, count, duration, plural } from '../format.js'
import { gridLeft, itemSeconds, summaryOf, waiting, whyDone } from '../estimates.js'
import { gridName, isHole, spoken, squareOf, targetName } from '../ids.js'
import { bar, button, card, h, hidden, icon, link, menu, space, yes } from './parts.js'
import { QueueLift } from './queueLift.js'
import { isAlive } from './status.js'

// Folded, the squares that follow can still be seen.
const shownRows = 6
// The target that was under way comes back to the queue with Start.
const brokenOff = new Set(['interrupted', 'killed', 'failed'])

export class QueueView {
  #open = new Set()
  #fresh = new Set()
  #known = null

  constructor(run) {
    this.run = run
    this.lift = new QueueLift(run.app, () => run.state.queue, (order) => this.edit('Moving', { order }))
  }

  /** Notes what came in, so that new rows are tinted once. */
  heard(frame) {
    const { state } = this.run
    if (!state) return
    this.lift.heard(state.queue)
    const ids = state.queue.items.map(({ id }) => id)
    // A snapshot is news only to this page: after a cut all rows would light up at once.
    if (frame.kind === 'snapshot') this.#fresh.clear()
    if (frame.kind === 'event' && this.#known) this.#fresh = new Set(ids.filter((id) => !this.#known.has(id)))
    this.#known = new Set(ids)
  }

  painted() { this.lift.painted() }

  edit(act, changes) {
    const { commands, app, topic } = this.run
    return editQueue(commands, app, topic, act, changes)
  }

  render() {
    const { state, me } = this.run
    return card('.queue', 'queue', 'Queue', [space(), me.controls && state.current && this.#addTargets('sm')],
      h('div.live', this.#current(), state.queue.items.length ? [this.#sums(), this.#groups()] : this.#empty()))
  }

  #addTargets(size) {
    return link(this.run.gridPath(this.run.state.current), { class: `btn ${size}`, key: `add ${size}` },
      icon('plus', size ? 's' : ''), 'Add targets')
  }

  // A promise (it will fill), an end (nothing is left) or a break (Start brings it back).
  #empty() {
    const { state, me } = this.run
    const summary = summaryOf(state, state.current)
    const words = brokenOff.has(state.status) && summary?.status === 'stopped' ? 'Start resumes what was under way'
      : state.target ? 'Nothing more is queued'
        : summary?.squaresFound ? null
          : summary && !isAlive(state) ? 'Nothing is queued' : 'The queue fills when the atlas is done'
    if (words) return h('p.empty.dim', { key: 'none' }, words)
    return h('div.empty', { key: 'empty' }, h('span.c-ok', icon('done', 'l')),
      h('b', `Nothing left to image on ${gridName(summary.grid)}`), me.controls && this.#whatNow())
  }

  #whatNow() {
    const { state } = this.run
    const onward = state.prompt?.kind === 'gridFinished' ? ', or proceed to the next one' : ''
    return [
      h('p.dim', whyDone(state) ?? `Add squares or holes in the session browser to keep working on this grid${onward}.`),
      this.#addTargets('')
    ]
  }

  #current() {
    const { state, step, me } = this.run
    const { target, exposure } = state
    // Left over from a run that has gone, a target is not being imaged.
    if (!target || !isAlive(state)) return null
    const name = isHole(target) ? `${targetName(squareOf(target))}, ${spoken(target)}` : targetName(target)
    // The exposure under way is not done: it counts when its movie is on the disk.
    const done = exposure ? exposure.number - 1 : 0
    // Between exposures only the reading knows; while a square is mapped, nobody does.
    const of = exposure?.of ?? step?.exposures
    return h('div.q-now', { key: 'current' },
      h('div.row.spread', h('span.row.c-run.strong', icon('run', 'm'), 'Imaging now'),
        me.controls && button({
          class: 'sm', key: 'skip-current',
          reason: 'It has begun and is no longer in the queue. Stop ends the run after its exposure.'
        }, icon('skip'), `Skip ${spoken(target)}`)),
      h('div.row.spread', h('b', name), of && h('span.dim.small', `${done} of ${of} exposures`)), of && bar(done / of))
  }

  #sums() {
    const { state } = this.run
    // All of one grid, since the server drops the queue with the grid.
    const grids = new Set(state.queue.items.map(({ id }) => squareOf(id).replace(/\.s\d+$/, '')))
    const sums = [...grids].map((grid) => waiting(state, grid))
    const total = (name) => sums.reduce((sum, each) => sum + each[name], 0)
    const [holes, squares] = [total('holes'), total('squares')]
    // The time that all the page speaks of, not the sum of the rows.
    const summary = summaryOf(state, state.current)
    const left = summary && isAlive(state) ? gridLeft(state, summary) : null
    const part = (number, words) => h('span', { key: words }, h('b', count(number)), ` ${words}`)
    return h('div.q-sum', { key: 'sums' }, part(holes, `${holes === 1 ? 'hole' : 'holes'} queued`),
      part(total('exposures'), 'exposures'), squares > 0 && part(squares, `${squares === 1 ? 'square' : 'squares'} to map`),
      // "About 0 s" would be a promise.
      left > 0 && h('span', 'about ', h('b', duration(left))))
  }

  // Rows of the same square that follow one another make a group.
  #groups() {
    const groups = []
    const times = new Map()
    for (const item of this.lift.items(this.run.state.queue)) {
      const square = squareOf(item.id)
      const isSquare = !isHole(item.id)
      const last = groups.at(-1)
      if (last && last.square === square && !isSquare && !last.isSquare) last.items.push(item)
      else {
        // A square can occur twice when its holes were moved apart.
        const nth = (times.get(square) ?? 0) + 1
        times.set(square, nth)
        groups.push({ key: `${square} ${isSquare ? 'map' : nth}`, square, isSquare, items: [item] })
      }
    }
    return groups.map((group) => (group.isSquare ? this.#square(group) : this.#holes(group)))
  }

  #square({ key, items: [item] }) {
    const words = item.skipped ? 'skipped' : 'to map, holes are picked after imaging'
    return h('div.q-grp', { class: this.#rowClass(item), key, 'data-row': item.id },
      h('div.gh', { class: item.skipped ? 'skipped' : '' }, this.#grip(item),
        h('span.nm', targetName(item.id)), h('span.dim.plain.trunc', words), space(), this.#operations(item)))
  }

  #holes({ key, square, items }) {
    const { me } = this.run
    // Unfolded while a row is lifted: it may be on its way into any group.
    const isOpen = this.#open.has(key) || items.length <= shownRows || this.lift.id
    const shown = isOpen ? items : items.slice(0, shownRows)
    const active = items.filter(({ skipped }) => !skipped)
    return h('div.q-grp', { key },
      h('div.gh', icon('down'), targetName(square), h('span.dim.plain', plural(items.length, 'hole')), space(),
        // Holes that are added later are not meant.
        me.controls && active.length > 0 && button({
          class: 'ghost sm', key: `skip ${key}`, reason: this.#rests,
          press: () => this.edit(`Skip ${spoken(square)}`, { skip: active.map(({ id }) => id) })
        }, 'Skip square')),
      h('ol', shown.map((item) => this.#row(item))),
      !isOpen && button(
        { class: 'ghost sm showmore', key: 'more', press: () => { this.#open.add(key) } },
        `Show ${items.length - shown.length} more`
      ))
  }

  #rowClass({ id, skipped }) {
    return `${this.lift.id === id ? 'lift' : ''} ${skipped ? 'skipped' : ''} ${this.#fresh.has(id) ? 'fresh' : ''}`
  }

  #row(item) {
    const { id, skipped, exposures } = item
    return h('li.q-it', { class: this.#rowClass(item), key: id, 'data-row': id }, this.#grip(item),
      h('span', { class: skipped ? 'c-skip' : 'c-wait' }, icon(skipped ? 'skip' : 'wait'),
        hidden(skipped ? 'Skipped' : 'Queued')),
      h('span.nm.trunc', targetName(id)), exposures > 0 ? h('span.tag', `${exposures}×`) : h('span'), this.#operations(item))
  }

  get #rests() { return whyNoEdit(this.run.commands, this.run.app.live) }

  #grip({ id }) {
    if (!this.run.me.controls) return h('span.grip')
    return h('button.grip', {
      type: 'button', 'aria-label': `Move ${spoken(id)}. Space lifts it, arrow keys move it.`,
      'aria-pressed': this.lift.id === id,
      'aria-disabled': yes(this.#rests), title: this.#rests ?? 'Drag, or press Space and then ↑ ↓',
      // A drag must not begin on a stale list and end on a live one.
      on: this.#rests ? {} : this.lift.handlers(id),
    }, icon('grip'))
  }

  #operations(item) {
    const { id, skipped } = item
    const seconds = itemSeconds(this.run.state, item)
    if (this.lift.id === id) return h('span.ops', h('span.t.nowrap', 'Moving, Esc cancels'))
    const time = h('span.t.nowrap', !skipped && seconds > 0 ? briefly(seconds) : '')
    if (!this.run.me.controls) return h('span.ops', time)
    const act = `Undo skip of ${spoken(id)}`
    // A skipped row stays until the run has passed it, so a wrong skip costs one press.
    const undo = skipped && button({
      class: 'ghost sm', key: `undo ${id}`, 'aria-label': act, reason: this.#rests, press: () => this.edit(act, { unskip: [id] })
    }, 'Undo skip')
    return h('span.ops', undo || time, menu(this.run.app, {
      id: `more-${id}`, label: `More for ${spoken(id)}`, title: 'Move to top, up, down, skip, remove',
      items: this.#menuItems(item)
    }))
  }

  #menuItems({ id, skipped }) {
    const ids = this.run.state.queue.items.map((item) => item.id)
    const place = ids.indexOf(id)
    const isFirst = place === 0 ? 'It is already first.' : undefined
    const isLast = place === ids.length - 1 ? 'It is already last.' : undefined
    const moved = (step) => ids.with(place, ids[place + step]).with(place + step, id)
    return [
      ['Move to top', 'top', () => ({ first: [id] }), isFirst], ['Move up', 'up', () => ({ order: moved(-1) }), isFirst],
      ['Move down', 'down', () => ({ order: moved(1) }), isLast],
      skipped ? ['Undo skip', 'check', () => ({ unskip: [id] })] : ['Skip', 'skip', () => ({ skip: [id] })],
      ['Remove from queue', 'x', () => ({ remove: [id] })],
    ].map(([label, shape, changes, why]) => ({
      label, icon: shape, reason: this.#rests ?? why, press: () => this.edit(`${label} for ${spoken(id)}`, changes())
    }))
  }
}
