// What every fold uses.

/** What is undefined or null is left out, as on the wire. */
export function put(object, changes) {
  const copy = { ...object }
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === null) delete copy[name]
    else copy[name] = value
  }
  return copy
}

/** `changes` is what a fold gives: nothing where nothing changes. */
export const merged = (state, changes) => (changes ? put(state, changes) : state)

/** A grid that is taken up again has no end and no problem until it ends again. */
export function movedGrid(grid, status, at) {
  if (status === 'waiting') return { status, endedAt: null, problem: null }
  return { status, endedAt: status === 'stopped' || status === 'aborted' ? at : grid.endedAt }
}

/** What a finished session lacks, from the data of `runCompleted`; undefined for nothing. */
export function shortfallOf(completed) {
  if (!completed) return undefined
  if (completed.images === 0) return 'noImage'
  return completed.failures || completed.gridsCompleted < completed.grids ? 'failures' : undefined
}

/** Unchanged when no item has this id: an event may be about what is not shown. */
export const change = (list, id, body) => list.map((item) => (item.id === id ? body(item) : item))
export const secondsBetween = (later, earlier) => (Date.parse(later) - Date.parse(earlier)) / 1000
