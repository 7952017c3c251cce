// How far a run is and when it ends. Pure: the state and the moment in, seconds out; null where nothing honest can be said yet.

import { isHole, gridOfTarget } from './ids.js'
import { secondsBetween } from './state/tools.js'

/** The moment that the page shows, in milliseconds: on a stale page the last that it knows of, so that nothing goes on counting. */
export const moment = (live) => (live.isStale && live.lastHeard) || live.now()

// `stopped` is neither: the grid goes on with the next Start, and counts as still to come.
const over = new Set(['completed', 'failed'])
const underWay = new Set(['loading', 'running', 'paused', 'stopping'])

export const isUnderWay = (summary) => underWay.has(summary.status)
export const isOver = (summary) => over.has(summary.status)
/** Why nothing starts and nothing is added any more; undefined while something may. */
export const whyDone = ({ grids }) => (grids.every(({ status }) => status === 'completed') ? 'Every grid of this session is complete.' : undefined)
/** Why a grid takes no targets: the server takes them only of the one that was loaded last, until it is complete. */
export const whyClosed = (state, grid) => {
  if (summaryOf(state, grid)?.status === 'completed') return 'This grid is complete and takes no more targets'
  return state.current === grid ? undefined : 'Targets are chosen while the grid is in the column'
}
export const summaryOf = (state, grid) => state.grids.find((summary) => summary.grid.id === grid)

/** What waits in the queue of a grid. */
export function waiting(state, grid) {
  const items = state.queue.items.filter(({ id, skipped }) => !skipped && gridOfTarget(id) === grid)
  const holes = items.filter(({ id }) => isHole(id))
  return {
    items, holes: holes.length, squares: items.length - holes.length,
    exposures: holes.reduce((sum, { exposures }) => sum + exposures, 0),
  }
}

/** Squares and holes done and expected of a grid, counting what is queued and what squares still to be mapped will bring. */
export function progress(state, summary) {
  const { settings } = state.session
  const queued = waiting(state, summary.grid.id)
  const target = state.target && gridOfTarget(state.target) === summary.grid.id ? state.target : null
  // What is being imaged has left the queue and is not done yet. Without it a grid would shrink by one at every step.
  const holeNow = target && isHole(target) ? 1 : 0
  const squareNow = target && !isHole(target) ? 1 : 0
  const toMap = queued.squares + squareNow
  // Before the atlas there is only what the session asks for; squares may turn out fewer.
  const isFresh = !isOver(summary) && summary.squaresFound === 0 && summary.squaresDone === 0
  const squares = isFresh ? settings.squaresPerGrid : summary.squaresDone + toMap
  const holes = isFresh ? settings.squaresPerGrid * settings.holesPerSquare
    : summary.holesDone + queued.holes + holeNow + toMap * settings.holesPerSquare
  // A hole counts twice as much as a square, which needs one image where a hole needs focus, drift and exposures.
  const done = summary.squaresDone + summary.holesDone * 2
  const fraction = isOver(summary) ? 1 : Math.min(1, done / Math.max(1, squares + holes * 2))
  return {
    squares, holes, squaresDone: summary.squaresDone, holesDone: summary.holesDone, fraction, toMap,
    holesLeft: Math.max(0, holes - summary.holesDone)
  }
}

/** Seconds that a hole took lately, with everything around it; null before three of them. */
export function secondsPerHole({ holeTimes }) {
  if (holeTimes.length < 3) return null
  // The last twenty: a pause, a refill or a slow square is forgotten after a while, and one hole does not sway it.
  const recent = holeTimes.slice(-20)
  return secondsBetween(recent.at(-1), recent[0]) / (recent.length - 1)
}

/** Seconds that an item of the queue takes. Measured beats estimated: a hole is as long as the last ones were. */
export const itemSeconds = (state, { id, seconds }) => (isHole(id) ? secondsPerHole(state) : null) ?? seconds

/**
 * Seconds until the grid in the column is finished, for every place that names a time. Null where nothing honest can be said, and
 * while the run stops: then the grid is not going to be finished.
 */
export function gridLeft(state, summary) {
  if (state.status === 'stopping') return null
  const { items } = waiting(state, summary.grid.id)
  const holes = items.filter(({ id }) => isHole(id))
  const estimate = holes.length ? holes.reduce((sum, { seconds }) => sum + seconds, 0) / holes.length : null
  // Before three holes the server's own estimate has to do, where it has given one.
  const perHole = secondsPerHole(state) ?? estimate
  if (perHole === null) return null
  const mapping = items.reduce((sum, { id, seconds }) => sum + (isHole(id) ? 0 : seconds), 0)
  return progress(state, summary).holesLeft * perHole + mapping
}

/** Seconds that a whole grid takes: as those that are done, else by the pace of the present one. */
export function wholeGrid(state) {
  const done = state.grids.filter(({ status, startedAt, endedAt }) => status === 'completed' && startedAt && endedAt)
  if (done.length) {
    const spent = done.reduce((sum, { startedAt, endedAt }) => sum + secondsBetween(endedAt, startedAt), 0)
    // Without what the run has waited for people: the next grid may be answered at once.
    return Math.max(0, spent - (state.process?.waited ?? 0)) / done.length
  }
  const pace = secondsPerHole(state)
  return pace === null ? null : pace * state.session.settings.squaresPerGrid * state.session.settings.holesPerSquare
}

/**
 * Seconds until the session ends, and when each waiting grid begins (seconds from now, by grid id). While a prompt waits they count
 * from its answer, and no time of day follows from them.
 */
export function sessionLeft(state) {
  const current = state.grids.find(isUnderWay)
  const pending = state.grids.filter(({ status }) => status === 'waiting' || status === 'stopped')
  const whole = wholeGrid(state)
  let left = current ? gridLeft(state, current) : state.status === 'stopping' ? null : 0
  const starts = new Map()
  for (const { grid } of pending) {
    // One grid whose length is unknown makes everything after it unknown. No time is better than a made-up one.
    if (left === null) break
    starts.set(grid.id, left)
    left = whole === null ? null : left + whole
  }
  return { left, starts }
}

/** How much of the session is done, 0 to 1. */
export function sessionFraction(state) {
  if (!state.grids.length) return 0
  return state.grids.reduce(
    (sum, summary) => sum + (isOver(summary) ? 1 : progress(state, summary).fraction), 0
  ) / state.grids.length
}

/** Remembers how far a bar was, so that it never goes back without a word. */
export class ProgressMemory {
  #last = 0
  /** `{was, at}` while less is done than there was once; null otherwise. */
  fall = null

  heard(fraction, at) {
    // Within one in a hundred it is the estimate that moves, and nobody sees it.
    if (fraction < this.#last - 0.01) this.fall = { was: Math.max(this.#last, this.fall?.was ?? 0), at }
    else if (this.fall && fraction >= this.fall.was) this.fall = null
    this.#last = fraction
  }
}

/**
 * How often something happened lately: how many times, over how many seconds, and the rate of an hour; null below ten times, which
 * no rate can be told from.
 */
export function throughput(times, now, window = 3600) {
  const recent = times.map((time) => (now - Date.parse(time)) / 1000).filter((age) => age <= window)
  const seconds = Math.max(0, ...recent)
  return { number: recent.length, seconds, perHour: recent.length < 10 ? null : ((recent.length - 1) / seconds) * 3600 }
}
