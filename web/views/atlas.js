// The atlas with its squares.

import { h } from '../dom.js'
import { plural } from '../format.js'
import { squareOf } from '../ids.js'
import { noImage } from './map.js'
import { mapBody, mapTools } from './mapTools.js'

export function atlasCard(report) {
  const { state: grid, atlas: map, here } = report
  const picked = map.selected(grid.squares)
  const shown = {
    of: grid.grid.id, image: grid.atlas, alt: `Atlas of ${grid.grid.name}`, targets: grid.squares, opened: report.square,
    highlighted: report.highlightedSquare, here: here && squareOf(here)
  }
  return h('article.card.map', { key: 'atlas' },
    h('header', h('h2', 'Atlas'), h('span.dim.small', grid.squares.length ? plural(grid.squares.length, 'square') : ''),
      h('span.grow'), grid.atlas && mapTools(report, shown, map)),
    // One row for hint and acts, so that the map stays where it is when something is selected.
    picked.length ? report.selectionBar(map, picked, 'square') : h('div.tb', h('span.dim.small',
      report.controls ? 'Click a square to select it, a completed one to open it' : 'Click a completed square to open it')),
    !grid.atlas ? noImage(grid.status === 'waiting' ? 'The atlas is taken when this grid is loaded' : 'Atlas comes first')
      : mapBody(report, shown, map))
}
