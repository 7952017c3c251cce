// The state of topic `session/ID`: the twin of `SessionState` in RunModel.
//
// status       without a living run it may be `interrupted`: the server derives that
// process      of the newest run
// outcome      how the last run ended, there only between runs
// grids        0 in `fits` is a micrograph without a fit
// current      the grid that was loaded last; it stays when the run ends
// last         the newest image of each level, perhaps of another grid than `current`
// notices      end with the run, since their causes belong to it
//
// A snapshot brings `readings` and `me` besides: what was measured last, and what the viewer may do.

import { gridOfMicrograph, gridOfTarget, isHole } from '../ids.js'
import { foldQueue } from './queue.js'
import { movedGrid, put, secondsBetween } from './tools.js'

const newGrid = (grid) => ({
  grid, status: 'waiting', hasAtlas: false, isSearched: false,
  squaresFound: 0, squaresDone: 0, holesDone: 0, images: 0, fits: [],
})

export function startSession(created) {
  return {
    session: created.session, microscope: created.microscope, detector: created.detector,
    status: 'ready', process: { prompts: 0, waited: 0 }, pauseBetweenGrids: true, plan: created.session.settings.plan,
    grids: created.grids.map(newGrid),
    last: {}, queue: { version: 0, items: [] }, notices: [], holeTimes: [], imageTimes: [],
  }
}

/** Without a state it begins at `sessionCreated`. */
export function foldSession(state, event) {
  if (!state) return event.type === 'sessionCreated' ? startSession(event.data) : state
  const fold = sessionFolds[event.type]
  return fold ? fold(state, event.data, event.at) : state
}

const inGrid = (state, id, body) => put(state, {
  grids: state.grids.map((summary) => (summary.grid.id === id ? body(summary) : summary)),
})

const count = (state, ids, step) => ids.reduce((counted, id) => inGrid(counted, gridOfTarget(id), (summary) => {
  const field = isHole(id) ? 'holesDone' : 'squaresDone'
  return put(summary, { [field]: summary[field] + step })
}), state)

// A prompt stays: it survives the run and can be answered before the next.
function endRun(state, at, outcome) {
  return put(state, {
    status: outcome.status, outcome: put({}, { ...outcome, at }), process: put(state.process, { endedAt: at }),
    stop: null, target: null, exposure: null, notices: [],
  })
}

function endGrid(state, grid, at, status, problem) {
  const ended = inGrid(state, grid, (summary) => put(summary, { status, endedAt: at, problem }))
  return put(ended, { target: null, exposure: null })
}

// Counted apart, so that nobody takes waiting for a person for a slow microscope.
function closePrompt(state, at) {
  const waited = state.process.waited + secondsBetween(at, state.prompt.raisedAt)
  return put(state, { process: put(state.process, { waited }), prompt: null })
}

function noted(times, at) {
  return [...times, at].filter((time) => secondsBetween(at, time) <= 3600).slice(-600)
}

// An exposure that a restart has settled may be another than the one under way now.
function noteImage(state, micrograph, at) {
  const counted = inGrid(state, gridOfMicrograph(micrograph), (summary) => put(summary, { images: summary.images + 1 }))
  return put(counted, {
    exposure: state.exposure?.micrograph === micrograph ? null : state.exposure, imageTimes: noted(state.imageTimes, at),
  })
}

// Squares and holes share one event. `found` begins at 0 with each new image, whose holes are still to be found. Only `acquired`
// counts: what was skipped or failed is not done.
function targetChanged(state, data, at) {
  const next = { ...state }
  if (data.status === 'acquiring') next.target = data.target
  else if (state.target === data.target) delete next.target
  const level = isHole(data.target) ? 'hole' : 'square'
  if (data.image) next.last = put(state.last, { [level]: { target: data.target, at, found: 0 } })
  if (data.status !== 'acquired') return next
  const counter = `${level}sDone`
  if (level === 'hole') next.holeTimes = noted(state.holeTimes, at)
  return inGrid(next, gridOfTarget(data.target), (summary) => put(summary, { [counter]: summary[counter] + 1 }))
}

// What is not here does not show on the run page.
const sessionFolds = {
  runStarted: (state, data, at) => put(state, {
    status: 'starting',
    process: put({ prompts: 0, waited: 0 }, {
      pid: data.pid, host: data.host, epoch: data.epoch, startedBy: data.by, startedAt: at,
    }),
    stop: null, outcome: null, notices: [],
  }),
  runMoved: (state, data) => put(state, { status: data.status }),
  // Where to go back to when the Stop is taken back.
  stopReceived: (state, data, at) => put(state, {
    stop: { by: data.by, at, canBeTakenBack: true, from: state.status }, status: 'stopping',
  }),
  stopCancelled: (state) => put(state, { status: state.stop?.from ?? state.status, stop: null }),
  // The microscope is being left: a Stop can no longer be taken back.
  shutdownBegan: (state) => (state.stop ? put(state, { stop: put(state.stop, { canBeTakenBack: false }) }) : state),
  runStopped: (state, data, at) => endRun(state, at, { status: 'stopped', by: data.by }),
  runCompleted: (state, data, at) => endRun(state, at, { status: 'completed', completed: data }),
  runFailed: (state, data, at) => endRun(state, at, { status: 'failed', sentence: data.sentence, remedy: data.remedy }),
  runInterrupted: (state, data, at) => endRun(state, at, { status: 'interrupted', sentence: data.cause, interrupted: data }),
  runKilled: (state, data, at) => endRun(state, at, { status: 'killed', by: data.by, found: data.found }),

  cassetteRead: (state, data, at) => put(state, { cassette: put({}, { slots: data.slots, at, by: data.by }) }),
  // A grid that goes on keeps its first start: its duration is what it cost, with the pause.
  gridStarted: (state, data, at) => inGrid(put(state, { current: data.grid }), data.grid, (summary) => put(summary, {
    status: 'loading', startedAt: summary.startedAt ?? at, endedAt: null, problem: null,
  })),
  gridMoved: (state, data, at) => {
    const moved = inGrid(state, data.grid, (summary) => put(summary, movedGrid(summary, data.status, at)))
    return data.status === 'aborted' ? put(moved, { target: null, exposure: null }) : moved
  },
  gridCompleted: (state, data, at) => endGrid(state, data.grid, at, 'completed', data.problem),
  gridFailed: (state, data, at) => endGrid(state, data.grid, at, 'failed', data.sentence),
  atlasAcquired: (state, data, at) => put(
    inGrid(state, data.grid, (summary) => put(summary, { hasAtlas: true, isSearched: false })),
    { last: put(state.last, { atlas: { grid: data.grid, at, squares: 0 } }) }),
  // Perhaps after another grid's atlas was taken: the number then belongs to no image shown.
  squaresFound: (state, data) => {
    const counted = inGrid(state, data.grid, (summary) => put(
      summary, { squaresFound: data.squares.length, isSearched: true }))
    if (state.last.atlas?.grid !== data.grid) return counted
    return put(counted, { last: put(state.last, { atlas: put(state.last.atlas, { squares: data.squares.length }) }) })
  },
  holesFound: (state, data) => {
    if (state.last.square?.target !== data.square) return state
    return put(state, { last: put(state.last, { square: put(state.last.square, { found: data.holes.length }) }) })
  },
  targetChanged,

  exposureBegan: (state, data, at) => put(state, {
    exposure: {
      micrograph: data.micrograph.id, number: Number(data.micrograph.id.match(/\.m(\d+)$/)?.[1] ?? 0), of: data.of,
      begunAt: at, expectedSeconds: data.expectedSeconds,
    },
  }),
  exposureSaved: (state, data, at) => noteImage(state, data.micrograph, at),
  // After a crash. Only `saved` is an image.
  exposureSettled: (state, data, at) => {
    if (data.outcome === 'saved') return noteImage(state, data.micrograph, at)
    return state.exposure?.micrograph === data.micrograph ? put(state, { exposure: null }) : state
  },
  // In the order in which processing ends, not of the exposures.
  micrographProcessed: (state, data, at) => put(
    inGrid(state, gridOfMicrograph(data.micrograph), (summary) => put(summary, {
      fits: [...summary.fits, data.measurement.ctf?.fitResolution ?? 0],
    })),
    { last: put(state.last, {
      highMag: { micrograph: data.micrograph, at, targetDefocus: data.targetDefocus, measurement: data.measurement },
    }) }),

  // What is wanted once more is no longer done, until it is done again or leaves the queue.
  queueChanged: (state, data) => {
    const queued = put(state, { queue: foldQueue(state.queue, data) })
    const again = (data.added ?? []).filter((item) => item.again).map(({ id }) => id)
    return count(count(queued, again, -1), data.kept ?? [], 1)
  },
  pauseBetweenGridsSet: (state, data) => put(state, { pauseBetweenGrids: data.enabled }),
  settingsChanged: (state, data) => put(state, { session: put(state.session, { settings: data.settings }) }),
  sessionArchived: (state, data) => put(state, { archived: data.archived || null }),
  gridAdded: (state, data) => put(state, { grids: [...state.grids, newGrid(data.grid)] }),
  gridChanged: (state, data) => inGrid(state, data.grid.id, (summary) => put(summary, { grid: data.grid })),
  gridsOrdered: (state, data) => put(state, {
    grids: data.order.flatMap((id) => state.grids.filter(({ grid }) => grid.id === id)),
  }),
  gridNoted: (state, data) => inGrid(state, data.grid, (summary) => put(summary, { quality: data.quality ?? null })),
  planSet: (state, data) => put(state, { plan: data.plan }),
  promptRaised: (state, data) => put(state, {
    prompt: data, process: put(state.process, { prompts: state.process.prompts + 1 }),
  }),
  // Late news of another prompt would bring an answered question back.
  promptUpdated: (state, data) => (state.prompt?.id === data.id ? put(state, { prompt: data }) : state),
  promptAnswered: (state, data, at) => {
    if (state.prompt?.id !== data.id) return state
    const lastAnswer = { id: data.id, kind: state.prompt.kind, answer: data.answer, by: data.by, at }
    return closePrompt(put(state, { lastAnswer }), at)
  },
  promptWithdrawn: (state, data, at) => (state.prompt?.id === data.id ? closePrompt(state, at) : state),
  noticeRaised: (state, data) => put(state, { notices: [...state.notices.filter(({ id }) => id !== data.id), data] }),
  noticeCleared: (state, data) => put(state, { notices: state.notices.filter(({ id }) => id !== data.id) }),
}
