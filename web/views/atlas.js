// The atlas with its squares.

import { h } from '../dom.js'
import { plural } from '../format.js'
import { letters, lookOf, noImage, taken } from './map.js'

// In the order of a target's life.
const entries = [
  ['ok', 'Completed'], ['run', 'Imaging'], ['wait', 'Queued'], ['skip', 'Skipped'], ['err', 'Failed'], ['cand', 'Not queued'],
  ['cand cls', 'Poor class']
]

export function atlasCard(report) {
  const { state: grid, atlas: map } = report
  const picked = map.selected(grid.squares)
  return h('article.card.map', { key: 'atlas' },
    h('header', h('h2', 'Atlas'), h('span.dim.small', grid.squares.length ? plural(grid.squares.length, 'square') : ''),
      h('span.grow')),
    // One row for hint and acts, so that the map stays where it is when something is selected.
    picked.length ? report.selectionBar(map, picked, 'square') : h('div.tb', h('span.dim.small',
      report.controls ? 'Click a square to select it, a completed one to open it' : 'Click a completed square to open it')),
    !grid.atlas ? noImage(grid.status === 'waiting' ? 'The atlas is taken when this grid is loaded' : 'Atlas comes first') : [
      map.render({
        of: grid.grid.id, image: grid.atlas, alt: `Atlas of ${grid.grid.name}`, targets: grid.squares,
        opened: report.square, highlighted: report.highlightedSquare, canSelect: report.controls
      }),
      legend(grid.squares), taken(grid.atlas, report.controls)])
}

// Only looks that are on the map, so that the legend is as short as it can be.
export function legend(targets, { tag, ...shape } = { tag: 'rect', x: 2, y: 2, width: 10, height: 10, rx: 2 }) {
  if (!targets.length) return null
  const counts = {}
  const classes = new Set()
  for (const square of targets) {
    const { look } = lookOf(square)
    const name = look === 'cand' && square.class !== 'good' ? 'cand cls' : look
    counts[name] = (counts[name] ?? 0) + 1
    if (name === 'cand cls' && letters[square.class]) classes.add(square.class)
  }
  return h('ul.legend.flat', { 'aria-label': 'Legend' },
    entries.filter(([name]) => counts[name]).map(([name, words]) => h('li', { key: name },
    h('svg.ov', { viewBox: '0 0 14 14', 'aria-hidden': 'true' }, h(tag, { ...shape, class: `t ${name}` })),
    words, h('b', String(counts[name])))),
    [...classes].sort().map((name) => h('li', { key: name }, h('b', letters[name]), name)))
}
