// The state of topic `grid/ID`: the twin of `GridState` in RunModel. Only the queue's news mark a target as queued or skipped;
// only `targetChanged` moves it on. A micrograph goes `exposing`, `saved`, then `processed` or `unprocessable`; one that a crash
// broke off ends as `notTaken`, `left` or `unknown`, whose specimen may have had the dose.

import { holeOf, isHole, squareOf } from '../ids.js'
import { change, merged, movedGrid, put } from './tools.js'

export const startGrid = ({ grids, session, microscope, detector }, id) => ({
  grid: grids.find((candidate) => candidate.id === id), sessionName: session.name, group: session.group,
  microscope: microscope.name, detector: detector.name, fitLimit: session.settings.fitLimit, status: 'waiting', squares: [],
  holes: [], micrographs: [],
})

export const foldGrid = (state, event) => state && merged(state, gridFolds[event.type]?.(state, event.data, event.at))

// In one pass, however many: a grid may have tens of thousands of holes.
function inTargets({ squares, holes }, changes) {
  const ids = [...changes.keys()]
  const changed = (list) => list.map((target) => (changes.has(target.id) ? put(target, changes.get(target.id)) : target))
  return { ...(ids.some(isHole) && { holes: changed(holes) }), ...(!ids.every(isHole) && { squares: changed(squares) }) }
}

// What may have exposed it counts.
function exposuresTaken(micrographs) {
  const taken = new Map()
  for (const { id, status } of micrographs) {
    if (status !== 'notTaken') taken.set(holeOf(id), (taken.get(holeOf(id)) ?? 0) + 1)
  }
  return taken
}

const inMicrograph = ({ micrographs }, id, changes) => ({
  micrographs: change(micrographs, id, (micrograph) => put(micrograph, changes)),
})

const savedMicrograph = (state, { micrograph, frames, bytes, movie }, at) => inMicrograph(state, micrograph, {
  status: 'saved', savedAt: at, frames, bytes,
  // A camera that saves another kind of file gives the movie another ending.
  ...(movie && { movie }),
})

// One taken again was not taken this time: the new exposure is a micrograph of its own.
const settledAs = { notTaken: 'notTaken', again: 'notTaken', unknown: 'unknown', left: 'left' }

// In the order of Swift's `GridPlacement`: the places must be the same to the last digit.
const turned = ({ cosine, sine }, { x, y }) => ({ x: cosine * x - sine * y, y: sine * x + cosine * y })
const still = { rotation: 0, cosine: 1, sine: 0, shift: { x: 0, y: 0 } }

function leading(before, placement) {
  const step = {
    cosine: placement.cosine * before.cosine + placement.sine * before.sine,
    sine: placement.sine * before.cosine - placement.cosine * before.sine
  }
  const back = turned(step, before.shift)
  return { step, shift: { x: placement.shift.x - back.x, y: placement.shift.y - back.y } }
}

function gridPlaced(state, { placement, score, square }, at) {
  const { step, shift } = square ? { step: placement, shift: placement.shift } : leading(state.placement ?? still, placement)
  const placed = (stage) => {
    const place = turned(step, stage)
    return { x: place.x + shift.x, y: place.y + shift.y, z: stage.z }
  }
  const move = (target) => put(target, {
    stage: placed(target.stage), ...(target.image && { image: put(target.image, { centre: placed(target.image.centre) }) }),
  })
  if (square) {
    return {
      squares: change(state.squares, square, move),
      holes: state.holes.map((target) => (squareOf(target.id) === square ? move(target) : target)),
    }
  }
  return {
    squares: state.squares.map(move), holes: state.holes.map(move), awaitsMatch: false, placement, matchScore: score,
    placedAt: at,
  }
}

const gridFolds = {
  gridStarted: ({ startedAt }, data, at) => ({ status: 'loading', startedAt: startedAt ?? at, endedAt: null, problem: null }),
  gridMoved: (state, { status }, at) => movedGrid(state, status, at),
  gridCompleted: (state, { problem }, at) => ({ status: 'completed', problem, endedAt: at }),
  gridFailed: (state, { sentence }, at) => ({ status: 'failed', problem: sentence, endedAt: at }),
  gridChanged: (state, { grid }) => ({ grid }),
  gridNoted: (state, { quality, notes, by }, at) => ({
    notes: quality || notes ? put({ text: notes, by, at }, { quality }) : null,
  }),
  micrographRated: (state, { micrograph, rating, by }) =>
    inMicrograph(state, micrograph, { rating, ratedBy: rating ? by : null }),
  loadBegan: ({ atlas }) => ({ awaitsMatch: Boolean(atlas) }),
  atlasAcquired: (state, { image }) => ({ atlas: image, awaitsMatch: false, placement: null, matchScore: null, placedAt: null }),
  gridPlaced,
  squaresFound: (state, { squares }) => ({ squares }),
  // A square that is imaged again gets its holes anew.
  holesFound: (state, { square, holes }) => ({
    holes: [...state.holes.filter(({ id }) => squareOf(id) !== square), ...holes],
  }),
  // A problem belongs to the last try alone.
  targetChanged: (state, { target, status, image, stage, offset, problem }) => inTargets(state, new Map([[target, {
    status, problem, ...(image && { image }), ...(stage && { stage }), ...(offset && { offset }),
  }]])),
  queueChanged: (state, { added = [], removed = [], kept = [], skipped = [], unskipped = [] }) => {
    const changes = new Map()
    const note = (id, change) => changes.set(id, { ...changes.get(id), ...change })
    const taken = added.length ? exposuresTaken(state.micrographs) : null
    for (const { id, skipped: isSkipped, exposures } of added) {
      note(id, {
        status: isSkipped ? 'skipped' : 'queued', ...(isHole(id) && { exposures: (taken.get(id) ?? 0) + exposures }),
      })
    }
    const isKept = new Set(kept)
    for (const id of removed) note(id, { status: isKept.has(id) ? 'completed' : 'found' })
    for (const id of skipped) note(id, { status: 'skipped' })
    for (const id of unskipped) note(id, { status: 'queued' })
    return changes.size > 0 && inTargets(state, changes)
  },
  // A begun exposure may be told twice, before and after a restart.
  exposureBegan: ({ micrographs }, { micrograph }) => ({
    micrographs: [...micrographs.filter(({ id }) => id !== micrograph.id), micrograph],
  }),
  exposureSaved: savedMicrograph,
  exposureSettled: (state, data, at) => (data.outcome === 'saved' ? savedMicrograph(state, data, at)
    : settledAs[data.outcome] && inMicrograph(state, data.micrograph, { status: settledAs[data.outcome] })),
  micrographProcessed: (state, { micrograph, measurement }) =>
    inMicrograph(state, micrograph, { status: 'processed', measurement, problem: null }),
  processingFailed: (state, { micrograph, sentence }) => micrograph
    && inMicrograph(state, micrograph, { status: 'unprocessable', problem: sentence }),
}
