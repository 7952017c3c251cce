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
import { merged, movedGrid, put, secondsBetween } from './tools.js'

const newGrid = (grid) => ({
  grid, status: 'waiting', hasAtlas: false, isSearched: false,
  squaresFound: 0, squaresDone: 0, holesDone: 0, images: 0, fits: [],
})

export const startSession = ({ session, microscope, detector, grids }) => ({
  session, microscope, detector, status: 'ready', process: { prompts: 0, waited: 0 }, pauseBetweenGrids: true,
  plan: session.settings.plan, grids: grids.map(newGrid), last: {}, queue: { version: 0, items: [] }, notices: [], holeTimes: [],
  imageTimes: [],
})

/** Without a state it begins at `sessionCreated`. */
export function foldSession(state, event) {
  if (!state) return event.type === 'sessionCreated' ? startSession(event.data) : state
  return merged(state, sessionFolds[event.type]?.(state, event.data, event.at))
}

const inGrid = ({ grids }, id, changes) => ({
  grids: grids.map((summary) => (summary.grid.id === id ? put(summary, changes(summary)) : summary)),
})

const inLast = ({ last }, changes) => ({ last: put(last, changes) })

const count = (state, ids, step) => ids.reduce((counted, id) => inGrid(counted, gridOfTarget(id), (summary) => {
  const field = isHole(id) ? 'holesDone' : 'squaresDone'
  return { [field]: summary[field] + step }
}), { grids: state.grids })

const atNothing = { target: null, exposure: null }

// A prompt stays: it survives the run and can be answered before the next.
const runEnd = (status, told) => ({ process }, data, at) => ({
  status, outcome: put({ status, at }, told(data)), process: put(process, { endedAt: at }), ...atNothing, stop: null, notices: [],
})

const gridEnd = (status, problemOf) => (state, data, at) => ({
  ...inGrid(state, data.grid, () => ({ status, endedAt: at, problem: problemOf(data) })), ...atNothing,
})

// Counted apart, so that nobody takes waiting for a person for a slow microscope.
const closePrompt = ({ process, prompt }, at) => ({
  process: put(process, { waited: process.waited + secondsBetween(at, prompt.raisedAt) }), prompt: null,
})

const noted = (times, at) => [...times, at].filter((time) => secondsBetween(at, time) <= 3600).slice(-600)

// An exposure that a restart has settled may be another than the one under way now.
const noteImage = (state, micrograph, at) => ({
  ...inGrid(state, gridOfMicrograph(micrograph), ({ images }) => ({ images: images + 1 })),
  ...(state.exposure?.micrograph === micrograph && { exposure: null }), imageTimes: noted(state.imageTimes, at),
})

// Each gives what changes. What is not here does not show on the run page.
const sessionFolds = {
  runStarted: (state, { pid, host, epoch, by }, at) => ({
    status: 'starting', process: put({ prompts: 0, waited: 0 }, { pid, host, epoch, startedBy: by, startedAt: at }),
    stop: null, outcome: null, notices: [],
  }),
  runMoved: (state, { status }) => ({ status }),
  // Where to go back to when the Stop is taken back.
  stopReceived: ({ status }, { by }, at) => ({ stop: { by, at, canBeTakenBack: true, from: status }, status: 'stopping' }),
  stopCancelled: ({ stop, status }) => ({ status: stop?.from ?? status, stop: null }),
  // The microscope is being left: a Stop can no longer be taken back.
  shutdownBegan: ({ stop }) => stop && { stop: put(stop, { canBeTakenBack: false }) },
  runStopped: runEnd('stopped', ({ by }) => ({ by })),
  runCompleted: runEnd('completed', (completed) => ({ completed })),
  runFailed: runEnd('failed', ({ sentence, remedy }) => ({ sentence, remedy })),
  runInterrupted: runEnd('interrupted', (interrupted) => ({ sentence: interrupted.cause, interrupted })),
  runKilled: runEnd('killed', ({ by, found }) => ({ by, found })),

  cassetteRead: (state, { slots, by }, at) => ({ cassette: put({}, { slots, at, by }) }),
  // A grid that goes on keeps its first start: its duration is what it cost, with the pause.
  gridStarted: (state, { grid }, at) => ({
    current: grid,
    ...inGrid(state, grid, ({ startedAt }) => ({ status: 'loading', startedAt: startedAt ?? at, endedAt: null, problem: null })),
  }),
  gridMoved: (state, { grid, status }, at) => ({
    ...inGrid(state, grid, (summary) => movedGrid(summary, status, at)), ...(status === 'aborted' && atNothing),
  }),
  gridCompleted: gridEnd('completed', ({ problem }) => problem),
  gridFailed: gridEnd('failed', ({ sentence }) => sentence),
  atlasAcquired: (state, { grid }, at) => ({
    ...inGrid(state, grid, () => ({ hasAtlas: true, isSearched: false })), ...inLast(state, { atlas: { grid, at, squares: 0 } }),
  }),
  // Perhaps after another grid's atlas was taken: the number then belongs to no image shown.
  squaresFound: (state, { grid, squares: { length } }) => ({
    ...inGrid(state, grid, () => ({ squaresFound: length, isSearched: true })),
    ...(state.last.atlas?.grid === grid && inLast(state, { atlas: put(state.last.atlas, { squares: length }) })),
  }),
  holesFound: (state, { square, holes }) => state.last.square?.target === square
    && inLast(state, { square: put(state.last.square, { found: holes.length }) }),
  // Squares and holes share one event. `found` begins at 0 with each new image, whose holes are still to be found. What was
  // skipped or failed is not done.
  targetChanged: (state, { target, status, image }, at) => ({
    target: status === 'acquiring' ? target : state.target === target ? null : state.target,
    ...(image && inLast(state, { [isHole(target) ? 'hole' : 'square']: { target, at, found: 0 } })),
    ...(status === 'acquired' && count(state, [target], 1)),
    ...(status === 'acquired' && isHole(target) && { holeTimes: noted(state.holeTimes, at) }),
  }),

  exposureBegan: (state, { micrograph: { id }, of, expectedSeconds }, at) => ({
    exposure: { micrograph: id, number: Number(id.match(/\.m(\d+)$/)?.[1] ?? 0), of, begunAt: at, expectedSeconds },
  }),
  exposureSaved: (state, { micrograph }, at) => noteImage(state, micrograph, at),
  // After a crash. Only `saved` is an image.
  exposureSettled: (state, { outcome, micrograph }, at) => (outcome === 'saved' ? noteImage(state, micrograph, at)
    : state.exposure?.micrograph === micrograph && { exposure: null }),
  // In the order in which processing ends, not of the exposures.
  micrographProcessed: (state, { micrograph, targetDefocus, measurement }, at) => ({
    ...inGrid(state, gridOfMicrograph(micrograph), ({ fits }) => ({ fits: [...fits, measurement.ctf?.fitResolution ?? 0] })),
    ...inLast(state, { highMag: { micrograph, at, targetDefocus, measurement } }),
  }),

  // What is wanted once more is no longer done, until it is done again or leaves the queue.
  queueChanged: (state, data) => {
    const again = (data.added ?? []).filter((item) => item.again).map(({ id }) => id)
    return { queue: foldQueue(state.queue, data), ...count(count(state, again, -1), data.kept ?? [], 1) }
  },
  pauseBetweenGridsSet: (state, { enabled }) => ({ pauseBetweenGrids: enabled }),
  settingsChanged: ({ session }, { settings }) => ({ session: put(session, { settings }) }),
  sessionArchived: (state, { archived }) => ({ archived: archived || null }),
  gridAdded: ({ grids }, { grid }) => ({ grids: [...grids, newGrid(grid)] }),
  gridChanged: (state, { grid }) => inGrid(state, grid.id, () => ({ grid })),
  gridsOrdered: ({ grids }, { order }) => ({ grids: order.flatMap((id) => grids.filter(({ grid }) => grid.id === id)) }),
  gridNoted: (state, { grid, quality }) => inGrid(state, grid, () => ({ quality })),
  planSet: (state, { plan }) => ({ plan }),
  promptRaised: ({ process }, prompt) => ({ prompt, process: put(process, { prompts: process.prompts + 1 }) }),
  // Late news of another prompt would bring an answered question back.
  promptUpdated: (state, prompt) => state.prompt?.id === prompt.id && { prompt },
  promptAnswered: (state, { id, answer, by }, at) => state.prompt?.id === id && {
    lastAnswer: { id, kind: state.prompt.kind, answer, by, at }, ...closePrompt(state, at),
  },
  promptWithdrawn: (state, { id }, at) => state.prompt?.id === id && closePrompt(state, at),
  noticeRaised: ({ notices }, notice) => ({ notices: [...notices.filter(({ id }) => id !== notice.id), notice] }),
  noticeCleared: ({ notices }, cleared) => ({ notices: notices.filter(({ id }) => id !== cleared.id) }),
}
