// What a page shows; folds an event in. The twin of LiveState in RunModel: both fold the same golden file to the same end.
// Every function here is pure: it returns a new state and leaves the old one as it was.

import { gridOfMicrograph, gridOfTarget, isHole, squareOf } from './ids.js'

/** A copy with changes; what is undefined or null is left out, as on the wire. */
function put(object, changes) {
  const copy = { ...object }
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === null) delete copy[name]
    else copy[name] = value
  }
  return copy
}

const change = (list, id, body) => list.map((item) => (item.id === id ? body(item) : item))
const secondsBetween = (later, earlier) => (Date.parse(later) - Date.parse(earlier)) / 1000

/** The grid whose report an event changes; undefined for none. */
export function gridOf({ type, data }) {
  switch (type) {
    case 'holesFound': return gridOfTarget(data.square)
    case 'targetChanged': return gridOfTarget(data.target)
    case 'exposureBegan': return gridOfMicrograph(data.micrograph.id)
    case 'exposureSaved': case 'exposureSettled': case 'micrographProcessed': return gridOfMicrograph(data.micrograph)
    case 'processingFailed':
      return data.micrograph ? gridOfMicrograph(data.micrograph) : data.target ? gridOfTarget(data.target) : data.grid
    case 'gridStarted': case 'gridMoved': case 'gridCompleted': case 'gridFailed': case 'atlasAcquired': case 'squaresFound':
    case 'queueChanged': return data.grid
    default: return undefined
  }
}

// ---------------------------------------------------------------------------------------------------------------- session

/** The state of a session nobody has started yet, from the data of `sessionCreated`. */
export function startSession(created) {
  return {
    session: created.session, microscope: created.microscope, detector: created.detector,
    status: 'ready', process: { prompts: 0, waited: 0 }, pauseBetweenGrids: true,
    grids: created.grids.map((grid) => ({
      grid, status: 'waiting', hasAtlas: false, squaresFound: 0, squaresDone: 0, holesDone: 0, images: 0, fits: [],
    })),
    last: {}, queue: { version: 0, items: [] }, notices: [], holeTimes: [], imageTimes: [],
  }
}

/** Folds an event of topic `session/ID`; without a state it begins at `sessionCreated`. */
export function foldSession(state, event) {
  if (!state) return event.type === 'sessionCreated' ? startSession(event.data) : state
  const fold = sessionFolds[event.type]
  return fold ? fold(state, event.data, event.at) : state
}

const inGrid = (state, id, body) => put(state, {
  grids: state.grids.map((summary) => (summary.grid.id === id ? body(summary) : summary)),
})

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

function closePrompt(state, at) {
  const waited = state.process.waited + secondsBetween(at, state.prompt.raisedAt)
  return put(state, { process: put(state.process, { waited }), prompt: null })
}

/** Keeps an hour, and never more than 600 moments. */
function noted(times, at) {
  return [...times, at].filter((time) => secondsBetween(at, time) <= 3600).slice(-600)
}

function noteImage(state, micrograph, at) {
  const counted = inGrid(state, gridOfMicrograph(micrograph), (summary) => put(summary, { images: summary.images + 1 }))
  return put(counted, {
    exposure: state.exposure?.micrograph === micrograph ? null : state.exposure, imageTimes: noted(state.imageTimes, at),
  })
}

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

const sessionFolds = {
  runStarted: (state, data, at) => put(state, {
    status: 'starting',
    process: put({ prompts: 0, waited: 0 }, {
      pid: data.pid, host: data.host, epoch: data.epoch, startedBy: data.by, startedAt: at,
    }),
    stop: null, outcome: null, notices: [],
  }),
  runMoved: (state, data) => put(state, { status: data.status }),
  stopReceived: (state, data, at) => put(state, {
    stop: { by: data.by, at, canBeTakenBack: true, from: state.status }, status: 'stopping',
  }),
  stopCancelled: (state) => put(state, { status: state.stop?.from ?? state.status, stop: null }),
  shutdownBegan: (state) => (state.stop ? put(state, { stop: put(state.stop, { canBeTakenBack: false }) }) : state),
  runStopped: (state, data, at) => endRun(state, at, { status: 'stopped', by: data.by }),
  runCompleted: (state, data, at) => endRun(state, at, { status: 'completed', completed: data }),
  runFailed: (state, data, at) => endRun(state, at, { status: 'failed', sentence: data.sentence, remedy: data.remedy }),
  runInterrupted: (state, data, at) => endRun(state, at, { status: 'interrupted', sentence: data.cause, interrupted: data }),
  runKilled: (state, data, at) => endRun(state, at, { status: 'killed', by: data.by, found: data.found }),

  gridStarted: (state, data, at) => inGrid(put(state, { current: data.grid }), data.grid, (summary) => put(summary, {
    status: 'loading', startedAt: summary.startedAt ?? at, endedAt: null, problem: null,
  })),
  gridMoved: (state, data, at) => inGrid(state, data.grid, (summary) => put(summary, {
    status: data.status, endedAt: data.status === 'stopped' ? at : summary.endedAt,
  })),
  gridCompleted: (state, data, at) => endGrid(state, data.grid, at, 'completed', null),
  gridFailed: (state, data, at) => endGrid(state, data.grid, at, 'failed', data.sentence),
  atlasAcquired: (state, data, at) => put(
    inGrid(state, data.grid, (summary) => put(summary, { hasAtlas: true })),
    { last: put(state.last, { atlas: { grid: data.grid, at, squares: 0 } }) }),
  squaresFound: (state, data) => {
    const counted = inGrid(state, data.grid, (summary) => put(summary, { squaresFound: data.squares.length }))
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
  exposureSettled: (state, data, at) => {
    if (data.outcome === 'saved') return noteImage(state, data.micrograph, at)
    return state.exposure?.micrograph === data.micrograph ? put(state, { exposure: null }) : state
  },
  micrographProcessed: (state, data, at) => put(
    inGrid(state, gridOfMicrograph(data.micrograph), (summary) => put(summary, {
      fits: [...summary.fits, data.measurement.ctf?.fitResolution ?? 0],
    })),
    { last: put(state.last, {
      highMag: { micrograph: data.micrograph, at, targetDefocus: data.targetDefocus, measurement: data.measurement },
    }) }),

  queueChanged: (state, data) => put(state, { queue: foldQueue(state.queue, data) }),
  pauseBetweenGridsSet: (state, data) => put(state, { pauseBetweenGrids: data.enabled }),
  promptRaised: (state, data) => put(state, {
    prompt: data, process: put(state.process, { prompts: state.process.prompts + 1 }),
  }),
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

// ------------------------------------------------------------------------------------------------------------------ queue

/** Applied in the order removed and taken, added, skipped, unskipped, order. */
export function foldQueue(queue, data) {
  const gone = new Set([...(data.removed ?? []), ...(data.taken ?? [])])
  const items = queue.items.filter(({ id }) => !gone.has(id))
  const place = data.before ? items.findIndex(({ id }) => id === data.before) : -1
  items.splice(place < 0 ? items.length : place, 0, ...(data.added ?? []))
  const skipped = new Set(data.skipped ?? [])
  const unskipped = new Set(data.unskipped ?? [])
  const marked = items.map((item) => {
    if (unskipped.has(item.id)) return { ...item, skipped: false }
    return skipped.has(item.id) ? { ...item, skipped: true } : item
  })
  return { version: data.version, items: data.order ? reordered(marked, data.order) : marked }
}

/** Items named come in that order; those it leaves out keep theirs, behind. */
function reordered(items, order) {
  const place = new Map()
  order.forEach((id, index) => { if (!place.has(id)) place.set(id, index) })
  const rank = ({ id }) => place.get(id) ?? order.length
  return [...items].sort((left, right) => rank(left) - rank(right))
}

// ------------------------------------------------------------------------------------------------------------------- grid

/** The state of a grid nobody has loaded yet. */
export function startGrid(created, id) {
  const grid = created.grids.find((candidate) => candidate.id === id)
  return {
    grid, sessionName: created.session.name, group: created.session.group, microscope: created.microscope.name,
    detector: created.detector.name, fitLimit: created.session.settings.fitLimit, status: 'waiting',
    squares: [], holes: [], micrographs: [],
  }
}

/** Folds an event of topic `grid/ID`. */
export function foldGrid(state, event) {
  const fold = state && gridFolds[event.type]
  return fold ? fold(state, event.data, event.at) : state
}

function inTarget(state, id, body) {
  return isHole(id) ? put(state, { holes: change(state.holes, id, body) }) : put(
    state, { squares: change(state.squares, id, body) }
  )
}

const inMicrograph = (state, id, changes) => put(state, {
  micrographs: change(state.micrographs, id, (micrograph) => put(micrograph, changes)),
})

const savedMicrograph = (state, data, at) => inMicrograph(state, data.micrograph, {
  status: 'saved', savedAt: at, frames: data.frames, bytes: data.bytes,
})

const settledAs = { notTaken: 'notTaken', again: 'notTaken', unknown: 'unknown', left: 'left' }

const gridFolds = {
  gridStarted: (state, data, at) => put(
    state, { status: 'loading', startedAt: state.startedAt ?? at, endedAt: null, problem: null }
  ),
  gridMoved: (state, data, at) => put(state, { status: data.status, endedAt: data.status === 'stopped' ? at : state.endedAt }),
  gridCompleted: (state, data, at) => put(state, { status: 'completed', problem: null, endedAt: at }),
  gridFailed: (state, data, at) => put(state, { status: 'failed', problem: data.sentence, endedAt: at }),
  atlasAcquired: (state, data) => put(state, { atlas: data.image }),
  squaresFound: (state, data) => put(state, { squares: data.squares }),
  holesFound: (state, data) => put(state, {
    holes: [...state.holes.filter(({ id }) => squareOf(id) !== data.square), ...data.holes],
  }),
  targetChanged: (state, data) => inTarget(state, data.target, (target) => put(target, {
    status: data.status, image: data.image ?? target.image, stage: data.stage ?? target.stage, problem: data.problem,
  })),
  queueChanged: (state, data) => {
    const status = (id, word) => { state = inTarget(state, id, (target) => put(target, { status: word })) }
    for (const item of data.added ?? []) status(item.id, item.skipped ? 'skipped' : 'queued')
    for (const id of data.removed ?? []) status(id, 'found')
    for (const id of data.skipped ?? []) status(id, 'skipped')
    for (const id of data.unskipped ?? []) status(id, 'queued')
    return state
  },
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

// --------------------------------------------------------------------------------------------------------------- facility

/** The state of a facility in which nothing has happened yet. */
export function startFacility(microscopes) {
  return { microscopes: [...microscopes].sort(byId).map((microscope) => ({ microscope })), sessions: [] }
}

const byId = (left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0)

/** Folds an event of topic `facility`. One of a session that the viewer may not see says no more than that it holds a microscope. */
export function foldFacility(state, event) {
  const fold = facilityFolds[event.type]
  return fold ? fold(state ?? startFacility([]), event.data ?? {}, event.session) : state
}

const moveTo = (status) => (state, data, session) => put(state, {
  sessions: change(state.sessions, session, (entry) => put(entry, { status })),
})

const setHolder = (state, microscope, holder) => put(state, {
  microscopes: state.microscopes.map((entry) => (entry.microscope.id === microscope ? put(entry, { holder }) : entry)),
})

const facilityFolds = {
  sessionCreated: (state, { session, microscope, grids }) => {
    const known = !microscope || state.microscopes.some((entry) => entry.microscope.id === microscope.id)
    const microscopes = known ? state.microscopes
      : [...state.microscopes, { microscope }].sort((left, right) => byId(left.microscope, right.microscope))
    if (!session) return put(state, { microscopes })
    const entry = {
      id: session.id, name: session.name, group: session.group, microscope: session.microscope, createdAt: session.createdAt,
      status: 'ready', grids: grids.length,
    }
    return put(state, { microscopes, sessions: [entry, ...state.sessions.filter(({ id }) => id !== entry.id)] })
  },
  lockTaken: (state, data) => setHolder(state, data.microscope, data.holder ?? {}),
  lockFreed: (state, data) => setHolder(state, data.microscope, null),
  runStarted: moveTo('starting'),
  runMoved: (state, data, session) => moveTo(data.status)(state, data, session),
  stopReceived: moveTo('stopping'),
  // The event that follows a stop taken back says where the run went.
  runStopped: moveTo('stopped'),
  runCompleted: moveTo('completed'),
  runFailed: moveTo('failed'),
  runInterrupted: moveTo('interrupted'),
  runKilled: moveTo('killed'),
}
