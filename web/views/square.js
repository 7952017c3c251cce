// The maps of a grid's report: the atlas with its squares, a square with its holes, and a hole with its exposures.

import { capitalised, plural } from '../format.js'
import { numberOf, spoken, squareOf, targetName } from '../ids.js'
import { under } from '../memo.js'
import { noImage, pixelOf, taken } from './map.js'
import { mapBody, mapTools } from './mapTools.js'
import { isDone, label, lookOf, shownAt } from './marks.js'
import { h, icon, pill, space } from './parts.js'

// One row for hint and acts, so that a map stays where it is when something is selected.
const mapCard = (key, title, number, tools, acts, body) => h('article.card.map', { key },
  h('header', h('h2', title), number && h('span.dim.small', number), space(), tools), acts, body)

export function atlasCard(report) {
  const { state: { grid, atlas, squares, status }, atlas: map, here, controls } = report
  const picked = map.selected(squares)
  const shown = {
    of: grid.id, image: atlas, alt: `Atlas of ${grid.name}`, targets: squares, opened: report.square,
    highlighted: report.highlightedSquare, here: here && squareOf(here)
  }
  return mapCard('atlas', 'Atlas', squares.length > 0 && plural(squares.length, 'square'), atlas && mapTools(report, shown, map),
    picked.length ? report.selectionBar(map, picked, 'square') : h('div.tb', h('span.dim.small',
      controls ? 'Click a square to select it, a completed one to open it' : 'Click a completed square to open it')),
    atlas ? mapBody(report, shown, map)
      : noImage(status === 'waiting' ? 'The atlas is taken when this grid is loaded' : 'Atlas comes first'))
}

export function squareCard(report) {
  const { state, square: id, holes: map, here } = report
  const square = state.squares.find((candidate) => candidate.id === id)
  const holes = under(state.holes, id)
  const picked = map.selected(holes)
  const shown = square?.image && {
    of: id, image: square.image, alt: targetName(id), targets: holes, opened: report.hole, highlighted: report.highlighted,
    here: here && squareOf(here) === id ? here : null
  }
  return mapCard('square', square ? targetName(id) : 'Square', square && holeCount(holes), shown && mapTools(report, shown, map),
    picked.length ? report.selectionBar(map, picked, 'hole') : toolbar(report, square, holes),
    shown ? mapBody(report, shown, map) : noImage(
      square?.problem ?? (square ? `${targetName(id)} has not been imaged yet` : 'No square has been imaged yet')))
}

function holeCount(holes) {
  const groups = new Set(holes.map(({ groupCentre }) => groupCentre).filter(Boolean)).size
  return `${plural(holes.length, 'hole')}${groups ? `, ${plural(groups, 'group')}` : ''}`
}

// Holes that are imaged, or being imaged, are left out of either act.
function toolbar(report, square, holes) {
  if (!report.controls || !square) return h(
    'div.tb', h('span.dim.small', square ? 'Click a completed hole to open it' : '')
  )
  // Never a failed hole: that has to be selected, by somebody who has looked at why.
  const free = holes.filter((hole) => report.standing(hole) === 'found' && !report.exposuresOf([hole]).length)
  // Skipped ones are still on the list.
  const queued = holes.filter((hole) => ['queued', 'skipped'].includes(report.standing(hole)))
  const ids = (targets) => targets.map(({ id }) => id)
  const face = icon('plus')
  // The square itself is queued; its holes are found when it is mapped.
  if (!holes.length && square.status === 'found') {
    return h('div.tb', report.act('Queue this square', { add: [square.id] }, { words: 'Add to queue', face }))
  }
  return h('div.tb',
    report.act('Queue all holes', { add: ids(free) }, { face, why: free.length ? undefined : 'No holes are left to queue.' }),
    report.act(
      'Cancel all', { remove: ids(queued) }, { why: queued.length ? undefined : 'No holes of this square are queued.' }
    ))
}

export function holeCard(report) {
  const { state, hole: id } = report
  const hole = id && under(state.holes, squareOf(id)).find((candidate) => candidate.id === id)
  const exposures = under(state.micrographs, id)
  const doses = id ? report.exposuresOf([{ id }]) : []
  const stands = hole && report.standing(hole)
  const name = id ? targetName(id) : 'Hole'
  const { look, word } = hole ? lookOf(hole) : {}
  // Shape as well as hue, for whoever cannot tell the hues apart.
  const shape = { ok: 'done', err: 'error', cand: 'wait' }[look] ?? look
  const act = (label, changes) => report.controls && report.act(label, changes, { words: `${label} for ${spoken(id)}` })
  return h('article.card.map', { key: 'hole' },
    h('header', h('h2', name),
      hole && pill({ kind: { ok: 'ok', run: 'run', err: 'err' }[look] ?? '', icon: shape, word: capitalised(word) }),
      space(), hole?.image && mapTools(report, { of: id, image: hole.image, alt: name })),
    h('div.tb',
      hole?.status === 'queued' && [
        act('Image next', { first: [id] }), act('Skip', { skip: [id] }), act('Remove from queue', { remove: [id] })
      ],
      stands === 'found' && !doses.length && act('Add to queue', { add: [id] }),
      report.controls && hole && doses.length > 0 && report.againButton([hole], doses),
      stands === 'skipped' && act('Undo skip', { unskip: [id] }), space(),
      h('span.dim.small', exposures.length ? plural(exposures.length, 'exposure') : '')),
    hole?.image ? [
      report.holeZoom.render(id, hole.image, name, { role: 'img', 'aria-label': 'Where the exposures were taken' },
        exposureMarks(hole.image, exposures, report.highlightedMicrograph, report.holeZoom.dot(hole.image) * 0.37)),
      taken(hole.image)] : noImage(hole?.problem ?? unseen(hole, name)))
}

function unseen(hole, name) {
  if (!hole) return 'Choose a hole to see it'
  // With image shift a hole is exposed without an image of its own: that is no fault.
  return isDone(hole) ? `${name} was imaged without an overview of its own` : `${name} has not been imaged yet`
}

// What may have been exposed is marked like a failure.
const markOf = {
  exposing: ['run', ' ▶'], saved: ['ok', ''], processed: ['ok', ' ✓'], unprocessable: ['err', ' !'], unknown: ['err', ' ?'],
  notTaken: ['skip', ''], left: ['skip', '']
}

function exposureMarks(map, exposures, highlighted, unit) {
  const radius = map.width * 0.062
  return exposures.map(({ id, status, stage, imageShift }) => {
    // Where the beam was, not the stage: image shift moves it by some µm.
    const { x, y } = shownAt(map, pixelOf(map, { x: stage.x + imageShift.x, y: stage.y + imageShift.y }))
    // An unknown status is no fresh place either.
    const [look, glyph] = markOf[status] ?? markOf.unknown
    return h('g', { key: id, class: id === highlighted ? 'hl' : '' }, h('circle.t', { class: look, cx: x, cy: y, r: radius }),
      label(x, y - radius - 10 * unit, `${numberOf(id, 'm')}${glyph}`, `var(--m-${look})`, 32 * unit),
      h('path.slash',
        { d: `M${x + 8 * unit} ${y}h${-16 * unit}m${8 * unit} ${-8 * unit}v${16 * unit}`, stroke: `var(--m-${look})` }))
  })
}

