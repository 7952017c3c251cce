// Folds events into what a page shows: the twin of LiveState in RunModel, so that each event costs a few bytes and not a whole
// state. A fold is changed in both languages, and with it `Tests/RunModelTests/Golden`, which holds them together. An unknown
// type, perhaps of a newer server, changes nothing.

export { foldSession, startSession } from './state/session.js'
export { foldQueue } from './state/queue.js'
export { foldGrid, startGrid } from './state/grid.js'
export { foldFacility, startFacility } from './state/facility.js'
