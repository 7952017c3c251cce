// What a page shows; folds an event in. The twin of LiveState in RunModel: both fold the same golden file to the same end.
// Every function here is pure: it returns a new state and leaves the old one as it was.

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
    case 'gridStarted': case 'gridMoved': case 'gridCompleted': case 'gridFailed': case 'atlasAcquired': case 'squaresFound':
    case 'queueChanged': return data.grid
    default: return undefined
  }
}
