// Folds events into what a page shows: the twin of LiveState in RunModel, so that each event costs a few bytes and not a whole
// state. A fold is changed in both languages, and with it `Tests/RunModelTests/Golden`, which holds them together. An unknown
// type changes nothing: it may come from a newer server.

import { gridOfMicrograph, gridOfTarget } from './ids.js'

export { foldSession, startSession } from './state/session.js'
export { foldQueue } from './state/queue.js'
export { foldGrid, startGrid } from './state/grid.js'
export { foldFacility, startFacility } from './state/facility.js'

/** The grid whose report an event changes; undefined for none. */
export function gridOf({ type, data }) {
  switch (type) {
    case 'holesFound': return gridOfTarget(data.square)
    case 'targetChanged': return gridOfTarget(data.target)
    case 'exposureBegan': return gridOfMicrograph(data.micrograph.id)
    case 'exposureSaved': case 'exposureSettled': case 'micrographProcessed': return gridOfMicrograph(data.micrograph)
    case 'processingFailed':
      return data.micrograph ? gridOfMicrograph(data.micrograph) : data.target ? gridOfTarget(data.target) : data.grid
    case 'gridStarted': case 'gridMoved': case 'gridCompleted': case 'gridFailed': case 'loadBegan': case 'gridPlaced':
    case 'atlasAcquired': case 'squaresFound':
    case 'queueChanged': return data.grid
    default: return undefined
  }
}
