// What every fold uses.

/** A copy with changes; what is undefined or null is left out, as on the wire. */
export function put(object, changes) {
  const copy = { ...object }
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === null) delete copy[name]
    else copy[name] = value
  }
  return copy
}

/** What changes of a grid that moves. One that is taken up again has no end and no problem until it ends again. */
export function movedGrid(grid, status, at) {
  if (status === 'waiting') return { status, endedAt: null, problem: null }
  return { status, endedAt: status === 'stopped' || status === 'aborted' ? at : grid.endedAt }
}

/** What a session lacks that was worked through, from the data of `runCompleted`; undefined for one that lacks nothing. */
export function shortfallOf(completed) {
  if (!completed) return undefined
  if (completed.images === 0) return 'noImage'
  return completed.failures || completed.gridsCompleted < completed.grids ? 'failures' : undefined
}

/** The list with the item of this id replaced; unchanged when there is none, since an event may be about what is not shown. */
export const change = (list, id, body) => list.map((item) => (item.id === id ? body(item) : item))
export const secondsBetween = (later, earlier) => (Date.parse(later) - Date.parse(earlier)) / 1000
