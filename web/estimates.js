// How far a run is and when it ends: seconds, or null where nothing honest can be said yet.

import { isHole, gridOfTarget } from './ids.js'
import { secondsBetween } from './state/tools.js'

/** On a stale page the last moment that it knows of, so that nothing goes on counting. */
export const moment = (live) => (live.isStale && live.lastHeard) || live.now()

export const secondsSince = (live, at) => (moment(live) - Date.parse(at)) / 1000

const sum = (list, of) => list.reduce((total, each) => total + of(each), 0)

// `stopped` is neither: the grid goes on with the next Start, and counts as still to come.
const closed = new Set(['completed', 'aborted', 'leftOut'])
const underWay = new Set(['loading', 'running', 'paused', 'stopping'])

export const isUnderWay = (summary) => underWay.has(summary.status)
export const isClosed = ({ status }) => closed.has(status)
export const isOver = (summary) => summary.status === 'failed' || isClosed(summary)
/** Why nothing starts; undefined while something may: a run that was cut off has its end to carry out. */
export function whyDone(state) {
  const { grids, status, plan } = state
  if (/interr|killed/.test(status)) return undefined
  if (grids.every(isClosed)) {
    return 'Every grid of this session is closed. Add targets to one, or take one up again, in its report.'
  }
  const isIdle = plan === 'collectQueued' && !grids.some((summary) => !isClosed(summary) && isDue(state, summary))
  return isIdle ? 'Nothing is queued. Queue targets in a report, or choose another plan.' : undefined
}
export const summaryOf = (state, grid) => state.grids.find((summary) => summary.grid.id === grid)

export function waiting(state, grid) {
  const items = state.queue.items.filter(({ id, skipped }) => !skipped && gridOfTarget(id) === grid)
  const holes = items.filter(({ id }) => isHole(id))
  return { items, holes: holes.length, squares: items.length - holes.length, exposures: sum(holes, ({ exposures }) => exposures) }
}

/** Whether a run comes to an open grid as things stand; the twin of `GridOrder` in the server. */
export function isDue(state, summary) {
  if (isUnderWay(summary)) return true
  if (state.plan === 'atlasesFirst') return !summary.hasAtlas || !summary.isSearched
  if (state.plan !== 'collectQueued' || waiting(state, summary.grid.id).items.length > 0) return true
  const { status, hasAtlas, grid } = summary
  return Boolean(hasAtlas) && (status === 'failed' || (status === 'stopped' && grid.id === state.current))
}

const holesWanted = ({ session: { settings } }) => settings.squaresPerGrid * settings.holesPerSquare

/** Counts what is queued and what squares still to be mapped will bring. */
export function progress(state, summary) {
  const { settings } = state.session
  const queued = waiting(state, summary.grid.id)
  const target = state.target && gridOfTarget(state.target) === summary.grid.id ? state.target : null
  // What is being imaged has left the queue and is not done yet: without it a grid would shrink at every step.
  const holeNow = target && isHole(target) ? 1 : 0
  const toMap = queued.squares + (target ? 1 - holeNow : 0)
  const { squaresFound, squaresDone, holesDone } = summary
  // Before the atlas there is only what the session asks for; squares may turn out fewer.
  const isFresh = !isOver(summary) && squaresFound === 0 && squaresDone === 0
  const squares = isFresh ? settings.squaresPerGrid : squaresDone + toMap
  const holes = isFresh ? holesWanted(state) : holesDone + queued.holes + holeNow + toMap * settings.holesPerSquare
  // A square needs one image where a hole needs focus, drift and exposures.
  const done = squaresDone + holesDone * 2
  const fraction = isOver(summary) ? 1 : Math.min(1, done / Math.max(1, squares + holes * 2))
  return { squares, holes, squaresDone, holesDone, fraction, toMap, holesLeft: Math.max(0, holes - holesDone) }
}

/** With everything around it; null before three holes. */
export function secondsPerHole({ holeTimes }) {
  if (holeTimes.length < 3) return null
  // A pause, a refill or a slow square is forgotten after a while.
  const recent = holeTimes.slice(-20)
  return secondsBetween(recent.at(-1), recent[0]) / (recent.length - 1)
}

/** Measured beats estimated: a hole takes as long as the last ones did. */
export const itemSeconds = (state, { id, seconds }) => (isHole(id) ? secondsPerHole(state) : null) ?? seconds

/** Null also while the run stops: then the grid is not going to be finished. */
export function gridLeft(state, summary) {
  if (state.status === 'stopping') return null
  const { items } = waiting(state, summary.grid.id)
  const holes = items.filter(({ id }) => isHole(id))
  const estimate = holes.length ? sum(holes, ({ seconds }) => seconds) / holes.length : null
  // Before three holes the server's own estimate has to do, if there is one.
  const perHole = secondsPerHole(state) ?? estimate
  if (perHole === null) return null
  const mapping = sum(items, ({ id, seconds }) => (isHole(id) ? 0 : seconds))
  return progress(state, summary).holesLeft * perHole + mapping
}

/** As those that are done, else by the pace of the present one. */
export function wholeGrid(state) {
  const done = state.grids.filter(({ status, startedAt, endedAt }) => status === 'completed' && startedAt && endedAt)
  if (done.length) {
    const spent = sum(done, ({ startedAt, endedAt }) => secondsBetween(endedAt, startedAt))
    // Without the waits for people: the next may be answered at once.
    return Math.max(0, spent - (state.process?.waited ?? 0)) / done.length
  }
  const pace = secondsPerHole(state)
  return pace === null ? null : pace * holesWanted(state)
}

/** Seconds until the session ends, and until each waiting grid begins; while a prompt waits, from its answer. */
export function sessionLeft(state) {
  // Nobody measures how long an atlas takes, and what comes after them a person says.
  if (state.plan === 'atlasesFirst') return { left: null, starts: new Map() }
  const current = state.grids.find(isUnderWay)
  const pending = state.grids.filter(
    (summary) => (summary.status === 'waiting' || summary.status === 'stopped') && isDue(state, summary))
  const whole = wholeGrid(state)
  let left = current ? gridLeft(state, current) : state.status === 'stopping' ? null : 0
  const starts = new Map()
  for (const summary of pending) {
    // No time is better than a made-up one.
    if (left === null) break
    starts.set(summary.grid.id, left)
    const next = state.plan === 'collectQueued' ? gridLeft(state, summary) : whole
    left = next === null ? null : left + next
  }
  return { left, starts }
}

/** How much of the session is done, 0 to 1. */
export function sessionFraction(state) {
  if (!state.grids.length) return 0
  // Of the present pass.
  if (state.plan === 'atlasesFirst') {
    return state.grids.filter((summary) => summary.hasAtlas || isOver(summary)).length / state.grids.length
  }
  const counted = state.grids.filter((summary) => isOver(summary) || isDue(state, summary))
  if (!counted.length) return 0
  return sum(counted, (summary) => (isOver(summary) ? 1 : progress(state, summary).fraction)) / counted.length
}

/** Remembers how far a bar was, so that it never goes back without a word. */
export class ProgressMemory {
  #last = 0
  /** `{was, at}` while less is done than once was. */
  fall = null

  heard(fraction, at) {
    // Within one in a hundred it is the estimate that moves, and nobody sees it.
    if (fraction < this.#last - 0.01) this.fall = { was: Math.max(this.#last, this.fall?.was ?? 0), at }
    else if (this.fall && fraction >= this.fall.was) this.fall = null
    this.#last = fraction
  }
}

/** How often in how many seconds, and an hour; null below ten times, which tell no rate. */
export function throughput(times, now, window = 3600) {
  const recent = times.map((time) => (now - Date.parse(time)) / 1000).filter((age) => age <= window)
  const seconds = Math.max(0, ...recent)
  return { number: recent.length, seconds, perHour: recent.length < 10 ? null : ((recent.length - 1) / seconds) * 3600 }
}
