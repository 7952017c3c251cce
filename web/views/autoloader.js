// The autoloader's positions in the form for a new session: a grid at the wrong position is another specimen.

import { capitalised } from '../format.js'
import { asTyped, button, card, h, hidden, icon, including, select, space, table, yes } from './parts.js'
import { fieldID } from './sessionFields.js'

export const positions = 12
// Empty is sent as nothing: an unknown material is not made up.
const meshes = [['', 'Unknown'], ...['carbon', 'copper', 'gold', 'molybdenum', 'nickel'].map((name) => [name, capitalised(name)])]

export const gridTitles = ['Position', 'Name', 'Hole type', 'Mesh material', 'Recipe']

/** Like the first grid, without its name: most cassettes hold the same kind of grid twelve times. */
export const nextRow = (first, recipes) => ({
  holeType: 'R1.2/1.3', meshMaterial: '', recipe: (recipes.find(({ name }) => name === 'spa') ?? recipes[0])?.name ?? '',
  ...first, name: ''
})

/** As on the wire: what is unknown is not sent at all. */
export const gridBody = ({ name, holeType, meshMaterial, recipe }) => ({
  name, ...(holeType && { holeType }), ...(meshMaterial && { meshMaterial }), recipe
})

/** `host`: `recipes`, and what `settingFields` takes. */
export function gridCells(position, host) {
  const cell = (field, label, items) => {
    const name = `${field} ${position}`
    const { problem, news, kept } = host.said(name)
    const value = host.text(name)
    if (kept) return h('td', { key: field }, items?.find(([each]) => each === value)?.[1] ?? value)
    const id = fieldID(name)
    const about = problem || news
    const attributes = {
      // Read one by one, twelve fields called "Name" could not be told apart.
      id, value, 'aria-label': `${label}, position ${position}`, 'aria-invalid': yes(problem),
      'aria-describedby': about ? `${id}-help` : undefined,
    }
    const set = (text) => host.set(name, text.trim())
    return h('td', { key: field }, items
      ? select('', including(items, value, field === 'meshMaterial' ? value : undefined), set, attributes)
      : h('input.input', { ...attributes, ...asTyped, on: { input: ({ target }) => set(target.value) } }),
    about && h('span', { class: problem ? 'errt' : 'small c-warn', id: `${id}-help` }, problem && icon('error'), about))
  }
  return [cell('name', 'Name'), cell('holeType', 'Hole type'), cell('meshMaterial', 'Mesh material', meshes),
    cell('recipe', 'Recipe', host.recipes.map(({ name, title }) => [name, title]))]
}

/** `change(rows)`: by more than one field. */
export function autoloader(rows, host, change) {
  const used = rows.filter(Boolean)
  const added = () => nextRow(used[0], host.recipes)
  // `null` empties the position. Moved up, the others would name the wrong specimens.
  const put = (position, row) => change(rows.map((each, index) => (index === position - 1 ? row : each)))
  const cells = (position) => h('tr', { key: position }, h('td.pos', position), gridCells(position, host),
    h('td.nowrap', button({
      class: 'ghost icon sm', key: 'empty', 'aria-label': `Empty position ${position}`, title: 'Empty this position',
      press: () => put(position, null)
    }, icon('x'))))
  const act = (shape, words, filled) =>
    button({ class: 'sm', key: shape, press: () => change(rows.map(filled)) }, icon(shape), words)
  return card('.fs', 'autoloader', 'Autoloader', [
    // A row without a name is a mistake to mend, not an empty position.
    h('span.dim.small', `${used.length} of ${positions} positions used`), space(),
    // All but the name: folders are named for it, so it has to differ.
    act('down', 'Fill down from first', (row) => row && { ...added(), name: row.name }),
    act('plus', `Fill all ${positions}`, (row) => row ?? added())
  ],
    table('', [...gridTitles, hidden('Actions')], rows.map((row, index) => (
      row ? cells(index + 1) : freeRow(index + 1, () => put(index + 1, added()))))))
}

export const freeRow = (position, press, width = 4) => h('tr.none', { key: position }, h('td.pos', position),
  h('td', { colspan: width }, 'Empty'), h('td', button(
    { class: 'ghost sm', key: 'add', 'aria-label': `Add a grid at position ${position}`, press }, icon('plus'), 'Add')))
