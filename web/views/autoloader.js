// The positions of the autoloader in the form for a new session.
//
// Rows are positions of the cassette: an empty one stays where it is, since a grid at the wrong position is another specimen.

import { h } from '../dom.js'
import { capitalised } from '../format.js'
import { button, icon } from './parts.js'
import { fieldID } from './sessionFields.js'

export const positions = 12
// An empty one is sent as nothing: a material that nobody knows is not made up.
const meshes = ['', 'carbon', 'copper', 'gold', 'molybdenum', 'nickel']
const emptyRow = (recipe) => ({ name: '', holeType: 'R1.2/1.3', meshMaterial: '', recipe })

export class Autoloader {
  #host

  /** The form behind it: `rows`, `recipes`, `change(rows)`, `touch(key)`, `isTouched(key)`. */
  constructor(host) { this.#host = host }

  render(found) {
    const rows = this.#host.rows
    // A position is used when it has a row, named or not: a row without a name is a mistake to mend, not an empty position.
    const used = rows.filter(Boolean).length
    // All but the name, which has to differ, since folders are named for it.
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
          // Only where there is nothing yet: what has been filled in is never written over.
          { class: 'sm', key: 'all', press: () => this.#host.change(rows.map((row) => row ?? this.nextRow())) },
          icon('plus', 's'), `Fill all ${positions}`
        )),
      h('table', { class: 'al' },
        h(
          'thead', {},
          h(
            'tr', {},
            // The last column has a heading for those who listen and none to look at.
            ['Position', 'Name', 'Hole type', 'Mesh material', 'Recipe', 'Actions'].map(
              (title) => h('th', { key: title, scope: 'col' }, title === 'Actions' ? h('span', { class: 'sr' }, title) : title)
            )
          )
        ),
        h('tbody', {}, rows.map((row, index) => (row ? this.#row(row, index, found) : this.#freeRow(index))))))
  }

  // Most cassettes hold the same kind of grid twelve times, so the first row is typed and the others only named.
  /** Like the first grid, without its name. */
  nextRow() {
    const { recipes } = this.#host
    const first = this.#host.rows.find(Boolean)
    return first ? { ...first, name: '' } : emptyRow((recipes.find(({ name }) => name === 'spa') ?? recipes[0])?.name ?? '')
  }

  // `null` empties the position. The others keep their places: moved up, they would name the wrong specimens.
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
        // Each field says its row: read one by one, twelve fields called "Name" could not be told apart.
        class: 'input', id, value: row[field], 'aria-label': `${label}, position ${position}`, autocomplete: 'off',
        // Sample names are no words, and a browser that underlines them in red would look like a refusal.
        spellcheck: 'false', 'aria-invalid': problem ? 'true' : undefined, 'aria-describedby': problem ? `${id}-help` : undefined,
        on: { input: (event) => { this.#host.touch(key); this.#change(index, { [field]: event.target.value.trim() }) } },
      }), problem && h('span', { class: 'errt', id: `${id}-help` }, icon('error', 's'), problem))
    }
    // Choices cannot be wrong, so they have no problem to show.
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
