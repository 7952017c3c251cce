// The question before a staff act, with facts that are read again while it is open; when they change the button rests.

import { h } from '../dom.js'
import { ago, clock, dayAndClock } from '../format.js'
import { dialog } from './dialogs.js'
import { button, field, icon, notice } from './parts.js'
import { wordsOf } from './status.js'

// Faster than on the page: a decision hangs on these facts now.
const readsEvery = 2000
const restsAfterChange = 2000

export class StaffDialog {
  #run
  #kind
  #timer = 0
  #seen = ''
  #restsUntil = 0
  #isSent = false

  constructor(run, kind) {
    this.#run = run
    this.#kind = kind
    this.#seen = essence(run.staff.facts)
  }

  opened() {
    this.#run.staff.read()
    this.#timer = setInterval(() => this.#run.staff.read(), readsEvery)
  }

  closed() { clearInterval(this.#timer) }

  factsChanged(facts) {
    // Only what a decision hangs on: a time that ticks would keep the button resting for ever.
    const now = essence(facts)
    if (now === this.#seen) return
    this.#seen = now
    this.#restsUntil = performance.now() + restsAfterChange
    // Whoever listens has heard the old facts.
    this.#run.app.announce('The facts have changed. Read them again.')
    setTimeout(() => this.#run.app.invalidate(), restsAfterChange + 50)
  }

  render() {
    const { app, staff } = this.#run
    const question = this[this.#kind](staff.facts)
    const isResting = performance.now() < this.#restsUntil
    const refusal = this.#run.rests ?? (question.rule.allowed ? undefined : question.rule.sentence)
    // The change has to be read first, then the server's refusal.
    const reason = isResting ? 'The facts have just changed. Read them again.' : refusal
    return dialog(app, { ...question, key: `dialog ${this.#kind}`, size: '' }, [question.body, this.#reason(),
      isResting && notice({ kind: 'info', icon: 'info', key: 'changed' }, 'The facts have just changed.', 'Read them again.'),
      refusal && h('div.notice.warn', { id: 'dialog-why', key: 'why' }, icon('lock'),
        h('div', refusal, question.refused && ` ${question.refused}`))
    ], button({
      key: 'do', class: 'danger', reason, describedBy: refusal ? 'dialog-why' : undefined, busy: this.#isSent,
      press: () => this.#send(question)
    }, icon(question.shape), question.label))
  }

  // Not required: in an emergency nobody should have to find words first.
  #reason() {
    return field('staff-reason', 'Reason',
      h('input.input', { id: 'staff-reason', maxlength: '500', autocomplete: 'off', 'aria-describedby': 'staff-reason-help' }),
      'You may leave it empty. It stands with your name in the audit log and in the imaging log.')
  }

  async #send({ act, path }) {
    const { commands, app } = this.#run
    this.#isSent = true
    app.invalidate()
    const reason = document.getElementById('staff-reason')?.value.trim()
    const isTaken = await commands.do(this.#kind, act, 'POST', path, reason ? { reason } : {})
    this.#isSent = false
    if (isTaken) this.#run.staff.read()
    app.closeDialog()
  }

  force(facts) {
    return {
      icon: 'warn', title: 'Force start this session?', shape: 'force', label: 'Force start', act: 'Force start',
      path: `${this.#run.path}/force-start`, rule: facts.forceStart, refused: crash(facts),
      body: [h('p', 'GridPilot will ignore the recorded status and start a new process for this session.'),
        this.#facts([
          ['Recorded status', wordsOf(facts.recordedStatus).word],
          ['Process on server', processWords(facts, this.#run.app)], ['Scope lock', lockWords(facts, this.#run)]
        ]),
        kept(facts.forceStart)],
    }
  }

  lock(facts) {
    const { lock } = facts
    const { id, name } = this.#run.state.microscope
    // After a crash only the file is left, and names may be missing.
    const rows = [['Held by', lock.held || lock.file ? lock.sessionName ?? lock.session ?? 'Unknown' : 'Nobody'],
      ['Since', lock.since ? `${dayAndClock(lock.since)}${lock.person ? ` by ${lock.person}` : ''}` : 'Unknown'],
      ['Process', lock.living ? 'Alive' : 'Gone'], ['Lock file', lock.file ? 'Present' : 'None']]
    return {
      icon: 'warn', title: `Remove the lock on ${name}?`, shape: 'unlock', label: 'Remove lock', act: 'Remove scope lock file',
      path: `/api/microscopes/${encodeURIComponent(id)}/remove-lock`, rule: facts.removeLock, refused: crash(facts),
      body: [h('p', 'Another run can then start on this microscope.'), this.#facts(rows), kept(facts.removeLock)],
    }
  }

  kill(facts) {
    const workers = facts.workers === 1 ? ' and its worker' : facts.workers > 1 ? ` and its ${facts.workers} workers` : ''
    const item = (shape, hue, term, text) => h('li', icon(shape, `s ${hue}`), h('span', h('b', term), ` ${text}`))
    return {
      icon: 'kill', title: 'Force-kill all processes of this session?', shape: 'kill', label: 'Force-kill now', act: 'Force-kill',
      path: `${this.#run.path}/force-kill`, rule: facts.forceKill,
      body: [h('p', 'Use in an emergency only. ', h('b', 'Stop'), ' finishes the current exposure and ends the run cleanly.'),
        h('ul',
          item('x', 'c-err', 'Now:', `the run${workers} ${workers ? 'end' : 'ends'} at once, the exposure in progress is lost. `
            + 'The server and the other sessions go on.'),
          item('plug', '', 'Microscope:', 'valves are closed if it answers, the connection closes.'),
          item('unlock', '', 'Afterwards:',
            'the lock is freed and Start is offered; anything that could not be done is reported.'),
          item('check', 'c-ok', 'Kept:', 'saved images, queue, logs.')),
        h('p.which', icon('info', 's'),
          h('span', 'SerialEM’s own STOP button breaks the connection at once, but SerialEM must then be restarted. ',
            'Use it only if this does not work.'))],
    }
  }

  #facts(rows) {
    return h('dl.facts',
      rows.flatMap(([term, fact]) => [h('dt', { key: `t ${term}` }, term), h('dd', { key: `d ${term}` }, fact)]))
  }
}

const crash = ({ lock }) => (lock.living ? 'A second run started now would crash both.' : '')

// Beside a refusal it would read as if the act had been done.
const kept = ({ allowed }) => allowed && h('p', { key: 'kept' }, 'Saved images, queue and logs are kept.')

// What a decision hangs on. Workers come and go, and a run that moves on is still the same run.
function essence(facts) {
  if (!facts) return ''
  const { process, lock, forceStart, removeLock, forceKill } = facts
  const rules = [forceStart, removeLock, forceKill].map(({ allowed }) => allowed)
  return JSON.stringify([process?.pid, process?.alive, lock.held, lock.living, lock.session, lock.file, ...rules])
}

function processWords({ process }, app) {
  if (!process?.pid) return 'None'
  if (!process.alive) return process.lastHeard ? `Gone, last heard ${clock(process.lastHeard)}` : 'Gone'
  return `Alive, PID ${process.pid}${process.lastHeard ? `, heard ${ago(process.lastHeard, app.live.now())}` : ''}`
}

function lockWords({ lock }, run) {
  if (!lock.held) return lock.file ? 'A file without a living holder' : 'Free'
  const who = lock.session === run.session ? 'this session' : lock.sessionName ?? 'another session'
  return `Held by ${who}${lock.since ? ` since ${clock(lock.since)}` : ''}`
}
