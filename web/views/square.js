// A square with its holes, and a hole with its exposures.
//
// From `squares`, `holes` and `micrographs` of `grid/ID`.
// Never to be misread: an exposure of which nobody knows whether it happened. It is marked as a failure, never as a fresh place.

import { h } from '../dom.js'
import { capitalised, dayAndClock, plural } from '../format.js'
import { holeOf, numberOf, squareOf, targetName } from '../ids.js'
import { legend } from './atlas.js'
import { isDone, label, lookOf, pixelOf, shownAt } from './map.js'
import { button, icon, pill } from './parts.js'

export function squareCard(report) {
  const { state, square: id, holes: map } = report
  const square = state.squares.find((candidate) => candidate.id === id)
  const holes = id ? state.holes.filter((hole) => squareOf(hole.id) === id) : []
  const picked = map.selected(holes)
  return h('article', { class: 'card map', key: 'square' },
    h(
      'header', {}, h('h2', {}, square ? targetName(id) : 'Square'),
      square && h('span', { class: 'dim small' }, holeCount(holes)), h('span', { class: 'grow' })
    ),
    // One row for both, so that the map does not move when something is selected.
    picked.length ? report.selectionBar(map, picked, 'hole') : toolbar(report, square, holes),
    !square?.image ? h(
      'div', { class: 'cv' },
      h(
        'span', { class: 'noimage' },
        // Why there is no image comes from the server, in the words of whoever could not make it.
        square?.problem ?? (square ? `${targetName(id)} has not been imaged yet` : 'No square has been imaged yet')
      )
    ) : [
      map.render({
        of: id, image: square.image, alt: targetName(id), targets: holes, opened: report.hole,
        highlighted: report.highlighted, canSelect: report.controls
      }),
      legend(holes, { tag: 'circle', cx: 7, cy: 7, r: 5 }),
      h(
        'div', { class: 'ft' }, h('span', {}, `Acquired ${dayAndClock(square.image.takenAt)}`),
        report.controls && h('span', {}, 'Shift-drag selects an area')
      )])
}

function holeCount(holes) {
  const groups = new Set(holes.map(({ groupCentre }) => groupCentre).filter(Boolean)).size
  return `${plural(holes.length, 'hole')}${groups ? `, ${plural(groups, 'group')}` : ''}`
}

/** What may be done with the whole square. Holes that are imaged, or being imaged, are left out of either act. */
function toolbar(report, square, holes) {
  if (!report.controls || !square) return h(
    'div', { class: 'tb' }, h('span', { class: 'dim small' }, square ? report.closed ?? 'Click a completed hole to open it' : '')
  )
  // Only those found and never queued: a failed hole has to be selected, by somebody who has looked at why.
  const free = holes.filter(({ status }) => status === 'found')
  // Skipped ones too, since they are still on the list.
  const queued = holes.filter(({ status }) => status === 'queued' || status === 'skipped')
  const ids = (targets) => targets.map(({ id }) => id)
  // Not imaged yet: the square itself is queued, and its holes are found when it is mapped.
  if (!holes.length && square.status === 'found') {
    return h(
      'div', { class: 'tb' },
      button(
        {
          class: 'sm', key: 'queue-square', reason: report.rests, press: () => report.edit('Add to queue', { add: [square.id] })
        },
        icon('plus', 's'), 'Queue this square'
      )
    )
  }
  return h('div', { class: 'tb' },
    button(
      {
        class: 'sm', key: 'queue-all', reason: report.rests ?? (free.length ? undefined : 'No holes are left to queue.'),
        press: () => report.edit('Queue all holes', { add: ids(free) })
      },
      icon('plus', 's'), 'Queue all holes'
    ),
    button(
      {
        // Takes them off the queue and leaves them to be found again. What is being exposed goes on.
        class: 'sm', key: 'cancel-all', reason: report.rests ?? (queued.length ? undefined : 'No holes of this square are queued.'),
        press: () => report.edit('Cancel all', { remove: ids(queued) })
      },
      'Cancel all'
    ))
}

export function holeCard(report) {
  const { state, hole: id } = report
  const hole = id && state.holes.find((candidate) => candidate.id === id)
  // From the grid's micrographs: a hole does not list its own.
  const exposures = id ? state.micrographs.filter((micrograph) => holeOf(micrograph.id) === id) : []
  const name = id ? targetName(id) : 'Hole'
  const { look, word } = hole ? lookOf(hole) : {}
  // Shape as well as hue, for whoever cannot tell the hues apart.
  const shape = { ok: 'done', run: 'run', wait: 'wait', skip: 'skip', err: 'error', cand: 'wait' }[look]
  const act = (words, changes) => button(
    { class: 'sm', key: words, reason: report.rests, press: () => report.edit(`${words} for ${name.toLowerCase()}`, changes) },
    words
  )
  return h('article', { class: 'card map', key: 'hole' },
    h(
      'header', {}, h('h2', {}, name),
      hole && pill({
        kind: { ok: 'ok', run: 'run', err: 'err' }[look] ?? '', icon: shape, word: capitalised(word)
      }),
      h('span', { class: 'grow' })
    ),
    h('div', { class: 'tb' },
      report.controls && hole?.status === 'queued' && [
        act('Image next', { first: [id] }), act('Skip', { skip: [id] }), act('Remove from queue', { remove: [id] })
      ],
      report.controls && hole?.status === 'found' && act('Add to queue', { add: [id] }),
      report.controls && hole?.status === 'skipped' && act('Undo skip', { unskip: [id] }),
      h('span', { class: 'grow' }),
      h('span', { class: 'dim small' }, exposures.length ? plural(exposures.length, 'exposure') : '')),
    hole?.image ? [
      // An image as a whole: the exposures can be read, one by one, as the cards below.
      report.holeZoom.render(id, hole.image, name, { role: 'img', 'aria-label': 'Where the exposures were taken' },
        exposureMarks(hole.image, exposures, report.highlightedMicrograph, report.holeZoom.dot(hole.image) * 0.37)),
      h('div', { class: 'ft' }, h('span', {}, `Acquired ${dayAndClock(hole.image.takenAt)}`))]
      : h(
        'div', { class: 'cv' },
        h(
          'span', { class: 'noimage' },
          hole?.problem ?? (
            // With image shift a hole is exposed without an image of its own: that is no fault.
            hole ? isDone(hole) ? `${name} was imaged without an overview of its own` : `${name} has not been imaged yet` : 'Choose a hole to see it'
          )
        )
      ))
}

// By the exposure's status on the wire. What may have been exposed is marked like a failure; what was not taken looks like a
// skipped place.
const markOf = {
  exposing: ['run', ' ▶'], saved: ['ok', ''], processed: ['ok', ' ✓'], unprocessable: ['err', ' !'], unknown: ['err', ' ?'],
  notTaken: ['skip', ''], left: ['skip', '']
}

function exposureMarks(map, exposures, highlighted, unit) {
  const radius = map.width * 0.062
  return exposures.map(({ id, status, stage, imageShift }) => {
    // Where the beam was, not where the stage was: image shift moves it by up to some µm.
    const { x, y } = shownAt(map, pixelOf(map, { x: stage.x + imageShift.x, y: stage.y + imageShift.y }))
    // A status that this page does not know is no fresh place either.
    const [look, glyph] = markOf[status] ?? markOf.unknown
    return h('g', { key: id, class: id === highlighted ? 'hl' : '' },
      h('circle', { class: `t ${look}`, cx: x, cy: y, r: radius }),
      label(x, y - radius - 10 * unit, `${numberOf(id, 'm')}${glyph}`, `var(--m-${look})`, 32 * unit),
      h(
        'path',
        {
          class: 'slash', d: `M${x + 8 * unit} ${y}h${-16 * unit}m${8 * unit} ${-8 * unit}v${16 * unit}`,
          stroke: `var(--m-${look})`
        }
      ))
  })
}

