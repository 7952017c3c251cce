// The atlas with its squares.
//
// From `atlas` and `squares` of `grid/ID`. A square counts in the legend under the look that it has on the map, and only there.

import { h } from '../dom.js'
import { dayAndClock, plural } from '../format.js'
import { letters, lookOf } from './map.js'

// In the order of a target's life. Only looks that are on this atlas are listed, so that the legend is as short as it can be.
const entries = [
  ['ok', 'Completed'], ['run', 'Imaging'], ['wait', 'Queued'], ['skip', 'Skipped'], ['err', 'Failed'], ['cand', 'Not queued'],
  ['cand cls', 'Poor class']
]

export function atlasCard(report) {
  const { grid, map } = { grid: report.state, map: report.atlas }
  const picked = map.selected(grid.squares)
  return h('article', { class: 'card map', key: 'atlas' },
    h(
      'header', {}, h('h2', {}, 'Atlas'),
      h('span', { class: 'dim small' }, grid.squares.length ? plural(grid.squares.length, 'square') : ''),
      h('span', { class: 'grow' })
    ),
    // One row for hint and acts, so that the map stays where it is when something is selected.
    picked.length ? report.selectionBar(map, picked, 'square') : h(
      'div', { class: 'tb' },
      h(
        'span', { class: 'dim small' },
        // Whoever may only watch is told what a click does for them.
        report.controls ? 'Click a square to select it, a completed one to open it' : report.closed ?? 'Click a completed square to open it'
      )
    ),
    !grid.atlas ? h(
      'div', { class: 'cv' },
      h(
        'span', { class: 'noimage' },
        grid.status === 'waiting' ? 'The atlas is taken when this grid is loaded' : 'Atlas comes first'
      )
    ) : [
      map.render({
        of: grid.grid.id, image: grid.atlas, alt: `Atlas of ${grid.grid.name}`, targets: grid.squares,
        opened: report.square, highlighted: report.highlightedSquare, canSelect: report.controls
      }),
      legend(grid.squares),
      h(
        'div', { class: 'ft' }, h('span', {}, `Acquired ${dayAndClock(grid.atlas.takenAt)}`),
        report.controls && h('span', {}, 'Shift-drag selects an area')
      )])
}

// With counts, so that it is worth reading when the marks are known by heart, and with the letters that stand on this map.
export function legend(targets, shape = { tag: 'rect', x: 2, y: 2, width: 10, height: 10, rx: 2 }) {
  if (!targets.length) return null
  const counts = {}
  const classes = new Set()
  for (const square of targets) {
    const { look } = lookOf(square)
    const name = look === 'cand' && square.class !== 'good' ? 'cand cls' : look
    counts[name] = (counts[name] ?? 0) + 1
    if (name === 'cand cls' && letters[square.class]) classes.add(square.class)
  }
  return h('ul', { class: 'legend flat', 'aria-label': 'Legend' },
    entries.filter(([name]) => counts[name]).map(([name, words]) => h('li', { key: name },
    h(
      'svg', { class: 'ov', viewBox: '0 0 14 14', 'aria-hidden': 'true' },
      h(shape.tag, { ...shape, class: `t ${name}` })
    ),
    words, h('b', {}, String(counts[name])))),
    [...classes].sort().map((name) => h('li', { key: name }, h('b', {}, letters[name]), name)))
}
