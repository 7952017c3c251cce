// The autoloader's positions in the form for a new session: a grid at the wrong position is another specimen.

import { h } from '../dom.js'
import { capitalised } from '../format.js'
import { button, hidden, icon, options, table } from './parts.js'
import { fieldID } from './sessionFields.js'

export const positions = 12
// Empty is sent as nothing: an unknown material is not made up.
const meshes = ['', 'carbon', 'copper', 'gold', 'molybdenum', 'nickel']
const emptyRow = (recipe) => ({ name: '', holeType: 'R1.2/1.3', meshMaterial: '', recipe })

export class Autoloader {
  #host

  /** `host` is the form: `rows`, `recipes`, `change(rows)`, `touch(key)`, `isTouched(key)`. */
  constructor(host) { this.#host = host }

  render(found) {
    const rows = this.#host.rows
    // A row without a name is a mistake to mend, not an empty position.
    const used = rows.filter(Boolean).length
    // All but the name: folders are named for it, so it has to differ.
    const fill = () => {
      const first = rows.find(Boolean)
      if (first) this.#host.change(
        rows.map((row) => row && { ...row, holeType: first.holeType, meshMaterial: first.meshMaterial, recipe: first.recipe })
      )
    }
    return h('section.card.fs', { 'aria-labelledby': 's3' },
      h('header', h('h2', { id: 's3' }, 'Autoloader'),
        h('span.dim.small', `${used} of ${positions} positions used`), h('span.grow'),
        button({ class: 'sm', key: 'fill', press: fill }, icon('down', 's'), 'Fill down from first'),
        button({ class: 'sm', key: 'all', press: () => this.#host.change(rows.map((row) => row ?? this.nextRow())) },
          icon('plus', 's'), `Fill all ${positions}`)),
      table('', ['Position', 'Name', 'Hole type', 'Mesh material', 'Recipe', hidden('Actions')],
        rows.map((row, index) => (row ? this.#row(row, index, found) : this.#freeRow(index)))))
  }

  /** Like the first grid, without its name: most cassettes hold the same kind of grid twelve times. */
  nextRow() {
    const { recipes } = this.#host
    const first = this.#host.rows.find(Boolean)
    return first ? { ...first, name: '' } : emptyRow((recipes.find(({ name }) => name === 'spa') ?? recipes[0])?.name ?? '')
  }

  // `null` empties the position. Moved up, the others would name the wrong specimens.
  #change(index, changes) {
    this.#host.change(this.#host.rows.map((row, each) => (each === index ? changes && { ...row, ...changes } : row)))
  }

  #row(row, index, found) {
    const position = index + 1
    const shown = (key) => (this.#host.isTouched(key) ? found.get(key) : undefined)
    const text = (key, field, label) => {
      const problem = shown(key)
      const id = fieldID(key)
      return h('td', { key: field }, h('input.input', {
        // Read one by one, twelve fields called "Name" could not be told apart.
        id, value: row[field], 'aria-label': `${label}, position ${position}`, autocomplete: 'off',
        // Sample names are no words; underlined in red they would look refused.
        spellcheck: 'false', 'aria-invalid': problem ? 'true' : undefined, 'aria-describedby': problem ? `${id}-help` : undefined,
        on: { input: (event) => { this.#host.touch(key); this.#change(index, { [field]: event.target.value.trim() }) } },
      }), problem && h('span.errt', { id: `${id}-help` }, icon('error', 's'), problem))
    }
    const select = (field, label, items) => h('td', { key: field },
      h('select.input', {
        value: row[field], 'aria-label': `${label}, position ${position}`,
        on: { change: (event) => this.#change(index, { [field]: event.target.value }) }
      }, options(items)))
    return h('tr', { key: index }, h('td.pos', String(position)), text(`grid ${position}`, 'name', 'Name'),
      text(`holes ${position}`, 'holeType', 'Hole type'),
      select('meshMaterial', 'Mesh material', meshes.map((mesh) => [mesh, mesh ? capitalised(mesh) : 'Unknown'])),
      select('recipe', 'Recipe', this.#host.recipes.map(({ name, title }) => [name, title])),
      h('td.nowrap',
        button({
          class: 'ghost icon sm', key: 'empty', 'aria-label': `Empty position ${position}`, title: 'Empty this position',
          press: () => this.#change(index, null)
        }, icon('x', 's'))))
  }

  #freeRow(index) {
    return h('tr.none', { key: index }, h('td.pos', String(index + 1)), h('td', { colspan: '4' }, 'Empty'),
      h('td',
        button({
          class: 'ghost sm', key: 'add', 'aria-label': `Add a grid at position ${index + 1}`,
          press: () => this.#change(index, this.nextRow())
        }, icon('plus', 's'), 'Add')))
  }
}
