// What a page shows; folds an event in. The twin of LiveState in RunModel: both fold the same golden file to the same end.
// Every function here is pure: it returns a new state and leaves the old one as it was.
//
// Why twice: the server folds to send a newcomer the whole state, the page folds so that each event costs a few bytes and not the
// whole state. If the two differed, a page would show something else after a reload. So whoever changes a fold changes it in both
// languages, and `Tests/RunModelTests/Golden` with them; the Swift test and `Tests/WebTests/state.test.js` then hold them together.
//
// An event of a type that no fold knows changes nothing. It may come from a newer server, and a page must survive that.

import { gridOfMicrograph, gridOfTarget } from './ids.js'

export { foldSession, startSession } from './state/session.js'
export { foldQueue } from './state/queue.js'
export { foldGrid, startGrid } from './state/grid.js'
export { foldFacility, startFacility } from './state/facility.js'

// Used to tell which reports a frame concerns without folding it. Ids are natural keys (`ids.js`), so no table is needed.
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
