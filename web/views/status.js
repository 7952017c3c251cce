// The words for where a run stands. "Running" stands here only while the page is live.

import { capitalised, clockSeconds } from '../format.js'
import { shortfallOf } from '../state/tools.js'

// As the server's own list: only these have a process behind them.
const alive = new Set(['starting', 'running', 'paused', 'stopping'])

export const isAlive = ({ status }) => alive.has(status)

/** A question is not theirs to answer, and nothing may call for them. */
export const onlyWatches = ({ me }) => Boolean(me) && !me.controls

const look = (kind, shape, word) => ({ kind, icon: shape, word })
const looks = {
  ready: ['', 'wait', 'Idle'], starting: ['run', 'run'], running: ['run', 'run'], paused: ['warn', 'pause'],
  stopping: ['run', 'clock'], stopped: ['', 'stop'], completed: ['ok', 'done', 'Complete'], failed: ['err', 'error'],
  interrupted: ['err', 'error'], killed: ['err', 'kill'],
}

// A session that lacks something is never simply complete.
const lacking = { noImage: look('warn', 'warn', 'No image'), failures: look('warn', 'warn', 'With failures') }

/** A status that only a newer server knows is never shown as a known one. */
export function wordsOf(status, shortfall) {
  const [kind, shape, word = capitalised(status)] = looks[status] ?? ['', 'wait', 'Unknown']
  return lacking[status === 'completed' && shortfall] ?? look(kind, shape, word)
}

export const wordsOfSession = ({ status, outcome }) => wordsOf(status, shortfallOf(outcome?.completed))

/** Dated when the page is stale, and with what holds the run up. */
export function statusOf(run) {
  const { state, app: { live: { link, isStale, lastHeard } } } = run
  const plain = wordsOfSession(state)
  if (link === 'off') return look('', 'plug', `Unknown since ${clockSeconds(lastHeard)}`)
  if (isStale && lastHeard) return look('', 'plug', `${plain.word} at ${clockSeconds(lastHeard)}`)
  if (state.prompt && state.status !== 'stopping') {
    const whom = onlyWatches(state) ? `waits for a member of ${state.session.group}` : 'needs you'
    return look('warn', 'pause', `${isAlive(state) ? 'Paused' : plain.word}, ${whom}`)
  }
  if (isAlive(state) && state.status !== 'stopping') {
    const raised = (id) => state.notices.some((notice) => notice.id === id)
    if (raised('microscopeLost')) return look('err', 'plug', 'No microscope')
    if (raised('nitrogen')) return look('run', 'ln2', 'Waiting, LN2 refill')
  }
  if (!isAlive(state) && run.otherHolder) return look('', 'lock', 'Waiting for microscope')
  return plain
}

const entryOf = (facility, id) => facility?.microscopes.find(({ microscope }) => microscope.id === id)
export const microscopeName = (facility, id) => entryOf(facility, id)?.microscope.name ?? id
/** Who runs a session on the microscope. */
export const holderOf = (facility, id) => entryOf(facility, id)?.holder
