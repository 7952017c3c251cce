// The positions of the autoloader in the form for a new session.
//
// Rows are positions of the cassette: an empty one stays where it is, since a grid at the wrong position is another specimen.

import { h } from '../dom.js'
import { capitalised } from '../format.js'
import { button, icon } from './parts.js'
import { fieldID } from './sessionFields.js'

export const positions = 12
const meshes = ['', 'carbon', 'copper', 'gold', 'molybdenum', 'nickel']
const emptyRow = (recipe) => ({ name: '', holeType: 'R1.2/1.3', meshMaterial: '', recipe })

export class Autoloader {
  #host

  /** The form behind it: `rows`, `recipes`, `change(rows)`, `touch(key)`, `isTouched(key)`. */
  constructor(host) { this.#host = host }

  render(found) {
    const rows = this.#host.rows
    const used = rows.filter(Boolean).length
    const fill = () => {
      const first = rows.find(Boolean)
      if (first) this.#host.change(
        rows.map((row) => row && { ...row, holeType: first.holeType, meshMaterial: first.meshMaterial, recipe: first.recipe })
      )
    }
    return h('section', { class: 'card fs', 'aria-labelledby': 's3' },
      h('header', {}, h('h2', { id: 's3' }, 'Autoloader'),
        h('span', { class: 'dim small' }, `${used} of ${positions} positions used`), h('span', { class: 'grow' }),
        button({ class: 'sm', key: 'fill', press: fill }, icon('down', 's'), 'Fill down from first'),
        button(
          { class: 'sm', key: 'all', press: () => this.#host.change(rows.map((row) => row ?? this.nextRow())) },
          icon('plus', 's'), `Fill all ${positions}`
        )),
      h('table', { class: 'al' },
        h(
          'thead', {},
          h(
            'tr', {},
            ['Position', 'Name', 'Hole type', 'Mesh material', 'Recipe', 'Actions'].map(
              (title) => h('th', { key: title, scope: 'col' }, title === 'Actions' ? h('span', { class: 'sr' }, title) : title)
            )
          )
        ),
        h('tbody', {}, rows.map((row, index) => (row ? this.#row(row, index, found) : this.#freeRow(index))))))
  }

  /** Like the first grid, without its name. */
  nextRow() {
    const { recipes } = this.#host
    const first = this.#host.rows.find(Boolean)
    return first ? { ...first, name: '' } : emptyRow((recipes.find(({ name }) => name === 'spa') ?? recipes[0])?.name ?? '')
  }

  #change(index, changes) {
    this.#host.change(this.#host.rows.map((row, each) => (each === index ? changes && { ...row, ...changes } : row)))
  }

  #row(row, index, found) {
    const position = index + 1
    const shown = (key) => (this.#host.isTouched(key) ? found.get(key) : undefined)
    const text = (key, field, label) => {
      const problem = shown(key)
      const id = fieldID(key)
      return h('td', { key: field }, h('input', {
        class: 'input', id, value: row[field], 'aria-label': `${label}, position ${position}`, autocomplete: 'off',
        spellcheck: 'false', 'aria-invalid': problem ? 'true' : undefined, 'aria-describedby': problem ? `${id}-help` : undefined,
        on: { input: (event) => { this.#host.touch(key); this.#change(index, { [field]: event.target.value.trim() }) } },
      }), problem && h('span', { class: 'errt', id: `${id}-help` }, icon('error', 's'), problem))
    }
    const select = (field, label, items) => h(
      'td', { key: field },
      h(
        'select',
        {
          class: 'input', value: row[field], 'aria-label': `${label}, position ${position}`,
          on: { change: (event) => this.#change(index, { [field]: event.target.value }) }
        },
        items.map(([value, words]) => h('option', { key: value, value }, words))
      )
    )
    return h('tr', { key: index }, h('td', { class: 'pos' }, String(position)), text(`grid ${position}`, 'name', 'Name'),
      text(`holes ${position}`, 'holeType', 'Hole type'),
      select(
        'meshMaterial', 'Mesh material', meshes.map((mesh) => [mesh, mesh ? capitalised(mesh) : 'Unknown'])
      ),
      select('recipe', 'Recipe', this.#host.recipes.map(({ name, title }) => [name, title])),
      h(
        'td', { class: 'nowrap' },
        button(
          {
            class: 'ghost icon sm', key: 'empty', 'aria-label': `Empty position ${position}`, title: 'Empty this position',
            press: () => this.#change(index, null)
          },
          icon('x', 's')
        )
      ))
  }

  #freeRow(index) {
    return h('tr', { class: 'none', key: index }, h('td', { class: 'pos' }, String(index + 1)),
      h('td', { colspan: '4' }, 'Empty'),
      h(
        'td', {},
        button(
          {
            class: 'ghost sm', key: 'add', 'aria-label': `Add a grid at position ${index + 1}`,
            press: () => this.#change(index, this.nextRow())
          },
          icon('plus', 's'), 'Add'
        )
      ))
  }
}
