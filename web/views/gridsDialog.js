// The grids of a session that exists: described anew, added, put into another order. One press sends a command for each; what is
// refused stands at its row, the rest is done.

import { get } from '../api.js'
import { isUnderWay } from '../estimates.js'
import { ordinal } from '../format.js'
import { freeRow, gridBody, gridCells, gridTitles, nextRow } from './autoloader.js'
import { EditDialog, opener } from './editDialog.js'
import { gridAct } from './gridActs.js'
import { slotState } from './grids.js'
import { button, focusOn, h, icon, table } from './parts.js'
import { rowProblems } from './sessionFields.js'

const fields = ['name', 'holeType', 'meshMaterial', 'recipe']

class GridsDialog extends EditDialog {
  title = 'Grids'
  intro = 'Runs come to the grids in this order; the one on the stage is finished first.'
  recipes = []
  #added = []
  // Ids as they were put, and as the server had them then.
  order = null
  #seen = ''
  told = ''

  opened() {
    get('/api/recipes').then(({ items }) => { this.recipes = items }, (problem) => this.refusals.set('', problem))
      .then(() => this.page.app.invalidate())
  }

  get #ids() { return this.page.state.grids.map(({ grid }) => grid.id) }

  #all() {
    const { grids } = this.page.state
    return [...grids, ...this.#added.filter(({ grid }) => !this.#ids.includes(grid.id))]
  }

  #about(name) {
    const [field, slot] = name.split(' ')
    return [field, this.#all().find(({ grid }) => String(grid.slot) === slot)]
  }

  now(name) {
    const [field, { grid }] = this.#about(name)
    return grid[field] ?? ''
  }

  kept(name) {
    const [field, summary] = this.#about(name)
    return isUnderWay(summary) && field !== 'name' ? 'Only its name can change while it is imaged.' : undefined
  }

  look() {
    if (this.order && !this.isSaving && this.#seen !== this.#ids.join()) {
      this.order = null
      this.told = 'Somebody else has changed the order. It is as they left it.'
    }
    this.rows = this.#all().map((summary) => {
      const { id, slot } = summary.grid
      return { id, slot, summary, row: Object.fromEntries(fields.map((field) => [field, this.text(`${field} ${slot}`)])) }
    })
    const place = ({ id }) => (this.order.includes(id) ? this.order.indexOf(id) : this.rows.length)
    if (this.order) this.rows.sort((one, other) => place(one) - place(other))
    return rowProblems(this.rows.map(({ slot, row }) => [slot, row]))
  }

  body() {
    const free = Array.from({ length: this.page.state.microscope.slots }, (_, index) => index + 1)
      .filter((each) => !this.rows.some(({ slot }) => slot === each))
    return [
      table('', [...gridTitles, 'State', 'Order'],
        [this.rows.map((row, place) => this.#row(row, place)), free.map((slot) => freeRow(slot, () => this.#add(slot), 5))]),
      h('p', { role: 'status', key: 'said' }, this.told),
    ]
  }

  #row({ id, slot, summary, row }, place) {
    const { app, state, commands, rests } = this.page
    const what = `${slot} ${row.name}`
    const isNew = !summary.status
    const mover = (word, shape, step) => button({
      class: 'icon sm', key: `${word}-${slot}`, 'aria-label': `${word}: ${what}`, title: word,
      reason: this.rows[place + step] ? undefined : 'It is at the end already.', press: () => this.#move(place, step, slot)
    }, icon(shape))
    const { word, icon: shape, hue } = isNew ? { word: 'New', icon: 'plus', hue: 'dim' } : slotState(state, summary)
    const { kept } = this.said(`recipe ${slot}`)
    const act = isNew ? button({
      class: 'sm', key: 'remove', 'aria-label': `Remove: ${what}`,
      press: () => { this.#added = this.#added.filter(({ grid }) => grid.slot !== slot) }
    }, 'Remove') : !kept && summary.status !== 'stopped'
      && gridAct({ app, commands, run: state, rests, grid: id }, summary, 'sm')
    return h('tr', { key: slot }, h('td.pos', slot), gridCells(slot, this),
      h('td', { key: 'state' }, h('span.row.tight', { class: hue }, icon(shape), word), kept && h('small.dim', kept)),
      h('td', { key: 'order' }, h('span.row', h('b', ordinal(place + 1)), mover('Earlier', 'up', -1),
        mover('Later', 'down', 1), act)))
  }

  #add(slot) {
    const { app, session } = this.page
    this.#added.push({ grid: { id: `${session}.g${slot}`, slot, ...nextRow(this.rows[0]?.row, this.recipes) } })
    app.paint()
    focusOn(`f-name-${slot}`)
  }

  #move(place, step, slot) {
    if (!this.order) this.#seen = this.#ids.join()
    this.order = this.rows.map(({ id }) => id)
    this.order.splice(place + step, 0, ...this.order.splice(place, 1))
    // Somebody who cannot see the list has no other way to know the place.
    this.told = `${slot} ${this.text(`name ${slot}`)} is ${ordinal(place + step + 1)} of ${this.rows.length} now.`
    this.page.app.paint()
  }

  async save() {
    const { rows } = this
    const isMoved = this.order
    for (const row of rows) row.isDone = await this.#send(row)
    const order = rows.filter(({ isDone, summary }) => isDone || summary.status).map(({ id }) => id)
    const natural = [...new Set([...this.#ids, ...order])]
    if (isMoved && order.join() !== natural.join()) await this.ask('Ordering the grids', 'PUT', '/grid-order', { order })
    if (this.refusals.has('')) return
    // The server's order is mine now.
    Object.assign(this, { order: null, told: '' })
    if (this.refusals.size) {
      this.refusals.set('', { sentence: 'Not everything was done.', remedy: 'Why stands at its row; the rest is done.' })
    }
  }

  async #send({ id, slot, summary, row }) {
    const isThere = summary.status
    if (isThere && !fields.some((field) => this.isChanged(`${field} ${slot}`))) return true
    const [method, path, more] = isThere ? ['PUT', `/grids/${encodeURIComponent(id)}`] : ['POST', '/grids', { position: slot }]
    return this.ask(`Changing grid ${slot}`, method, path, { ...more, ...gridBody(row) },
      (field) => `${fields.includes(field) ? field : 'name'} ${slot}`)
  }
}

export const gridsButton = opener('edit-grids', 'Edit grids…', GridsDialog)
