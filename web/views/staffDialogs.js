// The question before a staff act. Its facts are read again while it is open; when they change the button rests.

import { microscopePath } from '../api.js'
import { ago, clock, dayAndClock } from '../format.js'
import { dialog } from './dialogs.js'
import { button, field, h, icon, notice, terms } from './parts.js'
import { wordsOf } from './status.js'

// Faster than on the page: a decision hangs on these facts now.
const readsEvery = 2000
const restsAfterChange = 2000

/**
 * Each act: which `rule` of the facts allows it, its name in sentences (`act`) and, where that is another, on the page (`long`),
 * in the menu (`short`) and in the dialog (`label`); `what` it does, the `path` that does it, the `body` of the question.
 */
export const staffActs = {
  force: {
    rule: 'forceStart', shape: 'force', act: 'Force start',
    what: () => 'Starts the session when its recorded status is wrong and Start is not offered.',
    title: () => 'Force start this session?', path: (run) => `${run.path}/force-start`, isAfterACrash: true,
    body: (facts, run) => [h('p', 'GridPilot will ignore the recorded status and start a new process for this session.'),
      terms('.facts', [
        ['Recorded status', wordsOf(facts.recordedStatus).word],
        ['Process on server', processWords(facts, run.app)], ['Scope lock', lockWords(facts, run)]
      ])],
  },
  lock: {
    rule: 'removeLock', shape: 'unlock', act: 'Remove scope lock file', short: 'Remove lock file', label: 'Remove lock',
    what: ({ name }) => `Frees ${name} when the run that held it is gone.`,
    title: ({ name }) => `Remove the lock on ${name}?`,
    path: ({ state }) => `${microscopePath(state.microscope.id)}/remove-lock`, isAfterACrash: true,
    // After a crash only the file is left, and names may be missing.
    body: ({ lock }) => [h('p', 'Another run can then start on this microscope.'), terms('.facts', [
      ['Held by', lock.held || lock.file ? lock.sessionName ?? lock.session ?? 'Unknown' : 'Nobody'],
      ['Since', lock.since ? `${dayAndClock(lock.since)}${lock.person ? ` by ${lock.person}` : ''}` : 'Unknown'],
      ['Process', lock.living ? 'Alive' : 'Gone'], ['Lock file', lock.file ? 'Present' : 'None']
    ])],
  },
  kill: {
    rule: 'forceKill', shape: 'kill', act: 'Force-kill', long: 'Force-kill all session processes', label: 'Force-kill now',
    // Without the server's PID: killed by hand it would take all microscopes along.
    what: () => 'Ends all processes of this session at once, closes the valves and the connection, frees the lock.',
    icon: 'kill', title: () => 'Force-kill all processes of this session?', path: (run) => `${run.path}/force-kill`,
    body: ({ workers }) => [
      h('p', 'Use in an emergency only. ', h('b', 'Stop'), ' finishes the current exposure and ends the run cleanly.'),
      h('ul', [
        ['x', 'c-err', 'Now:', `the run${workersWords(workers)} at once, the exposure in progress is lost. `
          + 'The server and the other sessions go on.'],
        ['plug', '', 'Microscope:', 'valves are closed if it answers, the connection closes.'],
        ['unlock', '', 'Afterwards:', 'the lock is freed and Start is offered; anything that could not be done is reported.'],
        ['check', 'c-ok', 'Kept:', 'saved images, queue, logs.']
      ].map(([shape, hue, term, text]) => h('li', icon(shape, `s ${hue}`), h('span', h('b', term), ` ${text}`)))),
      h('p.which', icon('info'),
        h('span', 'SerialEM’s own STOP button breaks the connection at once, but SerialEM must then be restarted. ',
          'Use it only if this does not work.'))
    ],
  },
}

const workersWords = (workers) =>
  (workers === 1 ? ' and its worker end' : workers > 1 ? ` and its ${workers} workers end` : ' ends')

export class StaffDialog {
  #timer = 0
  #seen = ''
  #restsUntil = 0
  #isSent = false

  constructor(run, kind) {
    Object.assign(this, { run, kind })
    this.#seen = essence(run.staff.facts)
  }

  opened() {
    this.run.staff.read()
    this.#timer = setInterval(() => this.run.staff.read(), readsEvery)
  }

  closed() { clearInterval(this.#timer) }

  factsChanged(facts) {
    // Only what a decision hangs on: a time that ticks would keep the button resting.
    const now = essence(facts)
    if (now === this.#seen) return
    this.#seen = now
    this.#restsUntil = performance.now() + restsAfterChange
    // Whoever listens has heard the old facts.
    this.run.app.announce('The facts have changed. Read them again.')
    setTimeout(() => this.run.app.invalidate(), restsAfterChange + 50)
  }

  render() {
    const { app, staff } = this.run
    const { facts } = staff
    const act = staffActs[this.kind]
    const { act: name, label = name, shape, isAfterACrash } = act
    const { allowed, sentence } = facts[act.rule]
    const isResting = performance.now() < this.#restsUntil
    const refusal = this.run.rests ?? (allowed ? undefined : sentence)
    // The change has to be read first, then the server's refusal.
    const reason = isResting ? 'The facts have just changed. Read them again.' : refusal
    const frame = { title: act.title(this.run.state.microscope), icon: act.icon ?? 'warn', key: `dialog ${this.kind}`, size: '' }
    return dialog(app, frame, [
      act.body(facts, this.run),
      // Beside a refusal it would read as if the act had been done.
      allowed && isAfterACrash && h('p', { key: 'kept' }, 'Saved images, queue and logs are kept.'), this.#reason(),
      isResting && notice({ kind: 'info', key: 'changed' }, 'The facts have just changed.', 'Read them again.'),
      refusal && h('div.notice.warn', { id: 'dialog-why', key: 'why' }, icon('lock', 'm'),
        h('div', refusal, isAfterACrash && facts.lock.living && ' A second run started now would crash both.'))
    ], button({
      key: 'do', class: 'danger', reason, describedBy: refusal ? 'dialog-why' : undefined, busy: this.#isSent,
      press: () => this.#send(act)
    }, icon(shape, 'm'), label))
  }

  // Not required: in an emergency nobody should have to find words first.
  #reason() {
    return field('staff-reason', 'Reason',
      h('input.input', { id: 'staff-reason', maxlength: '500', autocomplete: 'off', 'aria-describedby': 'staff-reason-help' }),
      'You may leave it empty. It stands with your name in the audit log and in the imaging log.')
  }

  async #send({ act, path }) {
    const { commands, app } = this.run
    this.#isSent = true
    const reason = document.getElementById('staff-reason')?.value.trim()
    const isTaken = await commands.do(this.kind, act, 'POST', path(this.run), reason ? { reason } : {})
    this.#isSent = false
    if (isTaken) this.run.staff.read()
    app.closeDialog()
  }
}

// What a decision hangs on. Workers come and go, and a run that moves on is the same run.
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
