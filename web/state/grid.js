// The state of topic `grid/ID`: the twin of `GridState` in RunModel. Only the queue's own news mark a target as queued or
// skipped; only `targetChanged` moves it on. A micrograph goes `exposing`, `saved`, then `processed` or `unprocessable`; one that
// a crash broke off ends as `notTaken`, `left` or `unknown`, whose specimen may have had the dose.

import { holeOf, isHole, squareOf } from '../ids.js'
import { change, movedGrid, put } from './tools.js'

export function startGrid(created, id) {
  const grid = created.grids.find((candidate) => candidate.id === id)
  return {
    grid, sessionName: created.session.name, group: created.session.group, microscope: created.microscope.name,
    detector: created.detector.name, fitLimit: created.session.settings.fitLimit, status: 'waiting',
    squares: [], holes: [], micrographs: [],
  }
}

export function foldGrid(state, event) {
  const fold = state && gridFolds[event.type]
  return fold ? fold(state, event.data, event.at) : state
}

// In one pass, however many: a grid may have tens of thousands of holes.
function inTargets(state, changes) {
  const ids = [...changes.keys()]
  const changed = (list) => list.map((target) => (changes.has(target.id) ? put(target, changes.get(target.id)) : target))
  return put(state, {
    ...(ids.some(isHole) ? { holes: changed(state.holes) } : {}),
    ...(ids.every(isHole) ? {} : { squares: changed(state.squares) }),
  })
}

// What may have exposed it counts.
function exposuresTaken(micrographs) {
  const taken = new Map()
  for (const { id, status } of micrographs) {
    if (status !== 'notTaken') taken.set(holeOf(id), (taken.get(holeOf(id)) ?? 0) + 1)
  }
  return taken
}

const inMicrograph = (state, id, changes) => put(state, {
  micrographs: change(state.micrographs, id, (micrograph) => put(micrograph, changes)),
})

const savedMicrograph = (state, data, at) => inMicrograph(state, data.micrograph, {
  status: 'saved', savedAt: at, frames: data.frames, bytes: data.bytes,
  // A camera that saves another kind of file gives the movie another ending.
  ...(data.movie ? { movie: data.movie } : {}),
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
    stage: placed(target.stage), ...(target.image ? { image: put(target.image, { centre: placed(target.image.centre) }) } : {}),
  })
  if (square) {
    return put(state, {
      squares: state.squares.map((target) => (target.id === square ? move(target) : target)),
      holes: state.holes.map((target) => (squareOf(target.id) === square ? move(target) : target)),
    })
  }
  return put(state, {
    squares: state.squares.map(move), holes: state.holes.map(move), awaitsMatch: false, placement, matchScore: score,
    placedAt: at,
  })
}

const gridFolds = {
  gridStarted: (state, data, at) => put(
    state, { status: 'loading', startedAt: state.startedAt ?? at, endedAt: null, problem: null }
  ),
  gridMoved: (state, data, at) => put(state, movedGrid(state, data.status, at)),
  gridCompleted: (state, data, at) => put(state, { status: 'completed', problem: data.problem, endedAt: at }),
  gridFailed: (state, data, at) => put(state, { status: 'failed', problem: data.sentence, endedAt: at }),
  gridChanged: (state, data) => put(state, { grid: data.grid }),
  gridNoted: (state, { quality, notes, by }, at) => put(
    state, { notes: quality || notes ? put({ text: notes, by, at }, { quality }) : null }
  ),
  micrographRated: (state, { micrograph, rating, by }) => inMicrograph(
    state, micrograph, { rating: rating ?? null, ratedBy: rating ? by : null }
  ),
  loadBegan: (state) => put(state, { awaitsMatch: Boolean(state.atlas) }),
  atlasAcquired: (state, data) => put(state, {
    atlas: data.image, awaitsMatch: false, placement: null, matchScore: null, placedAt: null
  }),
  gridPlaced,
  squaresFound: (state, data) => put(state, { squares: data.squares }),
  // A square that is imaged again gets its holes anew.
  holesFound: (state, data) => put(state, {
    holes: [...state.holes.filter(({ id }) => squareOf(id) !== data.square), ...data.holes],
  }),
  // A problem belongs to the last try alone.
  targetChanged: (state, { target, status, image, stage, offset, problem }) => inTargets(state, new Map([[target, {
    status, problem: problem ?? null, ...(image && { image }), ...(stage && { stage }), ...(offset && { offset }),
  }]])),
  queueChanged: (state, data) => {
    const changes = new Map()
    const note = (id, change) => changes.set(id, { ...changes.get(id), ...change })
    const taken = data.added?.length ? exposuresTaken(state.micrographs) : null
    for (const { id, skipped, exposures } of data.added ?? []) {
      note(id, {
        status: skipped ? 'skipped' : 'queued', ...(isHole(id) ? { exposures: (taken.get(id) ?? 0) + exposures } : {}),
      })
    }
    const kept = new Set(data.kept)
    for (const id of data.removed ?? []) note(id, { status: kept.has(id) ? 'completed' : 'found' })
    for (const id of data.skipped ?? []) note(id, { status: 'skipped' })
    for (const id of data.unskipped ?? []) note(id, { status: 'queued' })
    return changes.size ? inTargets(state, changes) : state
  },
  // A begun exposure may be told twice, before and after a restart.
  exposureBegan: (state, data) => put(state, {
    micrographs: [...state.micrographs.filter(({ id }) => id !== data.micrograph.id), data.micrograph],
  }),
  exposureSaved: savedMicrograph,
  exposureSettled: (state, data, at) => {
    if (data.outcome === 'saved') return savedMicrograph(state, data, at)
    return settledAs[data.outcome] ? inMicrograph(state, data.micrograph, { status: settledAs[data.outcome] }) : state
  },
  micrographProcessed: (state, data) => inMicrograph(state, data.micrograph, {
    status: 'processed', measurement: data.measurement, problem: null,
  }),
  processingFailed: (state, data) => {
    if (!data.micrograph) return state
    return inMicrograph(state, data.micrograph, { status: 'unprocessable', problem: data.sentence })
  },
}
