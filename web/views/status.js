// The words for where a run stands.
//
// From `status`, the prompt and the notices of `session/ID`, and from the link. What holds the run up comes before what it does.
// Never to be misread: "Running" stands here only while the page is live. Later it is "Running at 22:14:07", then "Unknown since".

import { clockSeconds } from '../format.js'
import { shortfallOf } from '../state/tools.js'

// As the server's own list: these, and only these, have a process behind them.
const alive = new Set(['starting', 'running', 'paused', 'stopping'])

/** True while a run stands behind the status. */
export const isAlive = ({ status }) => alive.has(status)

/** True for whoever may only watch: a question is not theirs to answer, and nothing may call for them. */
export const onlyWatches = ({ me }) => Boolean(me) && !me.controls

/** Kind, icon and word of every session status. */
const words = {
  ready: { kind: '', icon: 'wait', word: 'Idle' },
  starting: { kind: 'run', icon: 'run', word: 'Starting' },
  running: { kind: 'run', icon: 'run', word: 'Running' },
  paused: { kind: 'warn', icon: 'pause', word: 'Paused' },
  stopping: { kind: 'run', icon: 'clock', word: 'Stopping' },
  stopped: { kind: '', icon: 'stop', word: 'Stopped' },
  completed: { kind: 'ok', icon: 'done', word: 'Complete' },
  failed: { kind: 'err', icon: 'error', word: 'Failed' },
  interrupted: { kind: 'err', icon: 'error', word: 'Interrupted' },
  killed: { kind: 'err', icon: 'kill', word: 'Killed' },
}

// A session that was worked through and lacks something is never simply complete.
const lacking = {
  noImage: { kind: 'warn', icon: 'warn', word: 'No image' }, failures: { kind: 'warn', icon: 'warn', word: 'With failures' },
}

/** The same for any status. A server newer than this page may say one that it does not know; that is never shown as a known one. */
export const wordsOf = (status, shortfall) => lacking[status === 'completed' && shortfall] ?? words[status]
  ?? { kind: '', icon: 'wait', word: 'Unknown' }

/** The words of a session's whole state. */
export const wordsOfSession = ({ status, outcome }) => wordsOf(status, shortfallOf(outcome?.completed))

/** The pill of the run page: dated when the page is stale, and with what holds the run up. */
export function statusOf(run) {
  const { state, app } = run
  const plain = wordsOfSession(state)
  if (app.live.link === 'off') return { kind: '', icon: 'plug', word: `Unknown since ${clockSeconds(app.live.lastHeard)}` }
  if (app.live.isStale && app.live.lastHeard) return {
    kind: '', icon: 'plug', word: `${plain.word} at ${clockSeconds(app.live.lastHeard)}`
  }
  if (state.prompt && state.status !== 'stopping') return {
    kind: 'warn', icon: 'pause',
    word: `${isAlive(state) ? 'Paused' : plain.word}, ${onlyWatches(state) ? `waits for a member of ${state.session.group}` : 'needs you'}`
  }
  if (isAlive(state) && state.status !== 'stopping') {
    const raised = (id) => state.notices.some((notice) => notice.id === id)
    if (raised('microscopeLost')) return { kind: 'err', icon: 'plug', word: 'No microscope' }
    if (raised('nitrogen')) return { kind: 'run', icon: 'ln2', word: 'Waiting, LN2 refill' }
  }
  if (!isAlive(state) && run.otherHolder) return { kind: '', icon: 'lock', word: 'Waiting for microscope' }
  return plain
}
