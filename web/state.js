// Folds events into what a page shows: the twin of LiveState in RunModel, so that each event costs a few bytes and not a whole
// state. A fold is changed in both languages, and with it `Tests/RunModelTests/Golden`, which holds them together. An unknown
// type, perhaps of a newer server, changes nothing.

export * from './state/session.js'
export * from './state/queue.js'
export * from './state/grid.js'
export * from './state/facility.js'
