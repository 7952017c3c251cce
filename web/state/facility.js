// The state of topic `facility`, watched by every page. A viewer who may not see a session still learns that it holds the
// microscope: otherwise Start would be refused for no visible reason.

import { change, put, shortfallOf } from './tools.js'

export function startFacility(microscopes) {
  return { microscopes: [...microscopes].sort(byId).map((microscope) => ({ microscope })), sessions: [] }
}

// By code units, as Swift sorts: a locale's order would differ from the server's.
const byId = (left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0)

/** An event of a session that the viewer may not see says only that it holds a microscope. */
export function foldFacility(state, event) {
  const fold = facilityFolds[event.type]
  return fold ? fold(state ?? startFacility([]), event.data ?? {}, event.session) : state
}

const moveTo = (status) => (state, data, session) => put(state, {
  // Only an end that lacks something says what; every other move takes it back.
  sessions: change(state.sessions, session, (entry) => put(entry, {
    status, shortfall: status === 'completed' ? shortfallOf(data) : null,
  })),
})

const setHolder = (state, microscope, holder) => put(state, {
  microscopes: state.microscopes.map((entry) => (entry.microscope.id === microscope ? put(entry, { holder }) : entry)),
})

// A page gets this list whole, so it must not grow. As `FacilityState.sessionLimit`.
const sessionLimit = 200
const mayBeAlive = ({ status }) => ['starting', 'running', 'paused', 'stopping'].includes(status)

// Every session whose run may be alive, and of the others the newest.
function newestAndAlive(sessions) {
  if (sessions.length <= sessionLimit) return { sessions }
  const dropped = new Set(sessions.filter((entry) => !mayBeAlive(entry)).slice(sessionLimit - sessions.length))
  return { sessions: sessions.filter((entry) => !dropped.has(entry)), ...(dropped.size ? { hasOlderSessions: true } : {}) }
}

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
    const sessions = newestAndAlive([entry, ...state.sessions.filter(({ id }) => id !== entry.id)])
    return put(state, { microscopes, ...sessions })
  },
  sessionArchived: (state, data, session) => put(state, {
    sessions: change(state.sessions, session, (entry) => put(entry, { archived: data.archived || null })),
  }),
  gridAdded: (state, data, session) => put(state, {
    sessions: change(state.sessions, session, (entry) => put(entry, { grids: entry.grids + 1 })),
  }),
  // An empty holder is one who may not be named.
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
