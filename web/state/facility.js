// The state of topic `facility`, watched by every page. Whoever may not see a session still learns that it holds the microscope:
// else Start would be refused for no visible reason.

import { change, merged, put, shortfallOf } from './tools.js'

export function startFacility(microscopes) {
  return { microscopes: [...microscopes].sort(byId).map((microscope) => ({ microscope })), sessions: [] }
}

// By code units, as Swift sorts: a locale's order would differ from the server's.
const byId = (left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0)

/** An event of a session that the viewer may not see says only that it holds a microscope. */
export const foldFacility = (state, event) =>
  merged(state ?? startFacility([]), facilityFolds[event.type]?.(state, event.data ?? {}, event.session))

const inSession = ({ sessions }, id, changes) => ({ sessions: change(sessions, id, (entry) => put(entry, changes(entry))) })

// Only an end that lacks something says what; every other move takes it back.
const moveTo = (status) => (state, data, session) => inSession(state, session, () => (
  { status, shortfall: status === 'completed' ? shortfallOf(data) : null }))

const setHolder = ({ microscopes }, id, holder) => ({
  microscopes: microscopes.map((entry) => (entry.microscope.id === id ? put(entry, { holder }) : entry)),
})

// A page gets this list whole: it must not grow. As `FacilityState.sessionLimit`.
const sessionLimit = 200
const mayBeAlive = ({ status }) => ['starting', 'running', 'paused', 'stopping'].includes(status)

function newestAndAlive(sessions) {
  if (sessions.length <= sessionLimit) return { sessions }
  const dropped = new Set(sessions.filter((entry) => !mayBeAlive(entry)).slice(sessionLimit - sessions.length))
  return { sessions: sessions.filter((entry) => !dropped.has(entry)), ...(dropped.size ? { hasOlderSessions: true } : {}) }
}

const facilityFolds = {
  sessionCreated: (state, { session, microscope, grids }) => {
    const isKnown = !microscope || state.microscopes.some((entry) => entry.microscope.id === microscope.id)
    const microscopes = isKnown ? state.microscopes
      : [...state.microscopes, { microscope }].sort((left, right) => byId(left.microscope, right.microscope))
    if (!session) return { microscopes }
    const { id, name, group, microscope: at, createdAt } = session
    const entry = { id, name, group, microscope: at, createdAt, status: 'ready', grids: grids.length }
    return { microscopes, ...newestAndAlive([entry, ...state.sessions.filter((other) => other.id !== id)]) }
  },
  sessionArchived: (state, { archived }, session) => inSession(state, session, () => ({ archived: archived || null })),
  gridAdded: (state, data, session) => inSession(state, session, ({ grids }) => ({ grids: grids + 1 })),
  // An empty holder is one who may not be named.
  lockTaken: (state, { microscope, holder }) => setHolder(state, microscope, holder ?? {}),
  lockFreed: (state, { microscope }) => setHolder(state, microscope, null),
  runMoved: (state, data, session) => moveTo(data.status)(state, data, session),
  runStarted: moveTo('starting'), stopReceived: moveTo('stopping'),
  // The event that follows a stop taken back says where the run went.
  runStopped: moveTo('stopped'), runCompleted: moveTo('completed'), runFailed: moveTo('failed'),
  runInterrupted: moveTo('interrupted'), runKilled: moveTo('killed'),
}
