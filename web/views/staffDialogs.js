// The question before a staff act, with facts that are read again while it is open.
//
// Never to be misread: facts from before. When they change under the hand, the button rests until they can have been read again.

import { h } from '../dom.js'
import { ago, clock, dayAndClock } from '../format.js'
import { button, icon } from './parts.js'
import { wordsOf } from './status.js'

// Faster than on the page: a decision hangs on these facts now.
const readsEvery = 2000
// Facts that changed under the hand must be read before the button answers again.
const restsAfterChange = 2000

export class StaffDialog {
  #run
  #kind
  #timer = 0
  // The facts as they were when last shown in peace, until when the button rests, and whether the act is on its way.
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

  // Else it would go on asking behind a closed dialog.
  closed() { clearInterval(this.#timer) }

  factsChanged(facts) {
    // Only what a decision hangs on counts. A time that ticks would keep the button resting for ever.
    const now = essence(facts)
    if (now === this.#seen) return
    this.#seen = now
    this.#restsUntil = performance.now() + restsAfterChange
    // Whoever listens has heard the old facts, and would not be told otherwise.
    this.#run.app.announce('The facts have changed. Read them again.')
    setTimeout(() => this.#run.app.invalidate(), restsAfterChange + 50)
  }

  render() {
    const { app, staff } = this.#run
    // A question for each act, under the act's name.
    const question = this[this.#kind](staff.facts)
    const isResting = performance.now() < this.#restsUntil
    const refusal = this.#run.rests ?? (question.rule.allowed ? undefined : question.rule.sentence)
    // Rested by a change comes before the server's refusal: the change is what has to be read first.
    const reason = isResting ? 'The facts have just changed. Read them again.' : refusal
    return h('dialog',
      {
        key: `dialog ${this.#kind}`, 'aria-labelledby': 'dialog-title',
        // Esc cancels, as the browser has it, but by way of the app, which gives the focus back.
        on: { cancel: (event) => { event.preventDefault(); app.closeDialog() } }
      },
      h('div', { class: 'dialog-in' },
        h('header', {}, icon(question.icon), h('h2', { id: 'dialog-title' }, question.title)),
        h('div', { class: 'body' }, question.body, this.#reason(),
          isResting && h(
            'div', { class: 'notice info', role: 'status', key: 'changed' }, icon('info'),
            h('div', {}, h('b', {}, 'The facts have just changed.'), ' Read them again.')
          ),
          refusal && h(
            'div', { class: 'notice warn', id: 'dialog-why', key: 'why' }, icon('lock'),
            h('div', {}, refusal, question.refused && ` ${question.refused}`)
          )),
        // Cancel first, and with the focus: Enter on a dialog that has just come up must not kill a run.
        h('footer', {}, button({ key: 'cancel', 'data-cancel': true, press: () => app.closeDialog() }, 'Cancel'),
          button(
            {
              // Red and on the right, away from Cancel.
              key: 'do', class: 'danger', reason, describedBy: refusal ? 'dialog-why' : undefined, busy: this.#isSent,
              press: () => this.#send(question)
            },
            icon(question.shape), question.label
          ))))
  }

  /** Not asked for by force: in an emergency nobody should have to find words first. */
  #reason() {
    return h('div', { class: 'field', key: 'reason' }, h('label', { for: 'staff-reason' }, 'Reason'),
      h('input', { id: 'staff-reason', class: 'input', maxlength: '500', autocomplete: 'off', 'aria-describedby': 'staff-reason-help' }),
      h('p', { class: 'help', id: 'staff-reason-help' }, 'You may leave it empty. It stands with your name in the audit log and in the imaging log.'))
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
      path: `${this.#run.path}/force-start`, rule: facts.forceStart,
      // The one thing that must never be forced: two runs on one microscope.
      refused: facts.lock.living ? 'A second run started now would crash both.' : '',
      body: [h('p', {}, 'GridPilot will ignore the recorded status and start a new process for this session.'),
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
    // A lock may be held in memory, on the disk, or both. After a crash only the file is left, and names may be missing.
    const rows = [['Held by', lock.held || lock.file ? lock.sessionName ?? lock.session ?? 'Unknown' : 'Nobody'],
      ['Since', lock.since ? `${dayAndClock(lock.since)}${lock.person ? ` by ${lock.person}` : ''}` : 'Unknown'],
      ['Process', lock.living ? 'Alive' : 'Gone'], ['Lock file', lock.file ? 'Present' : 'None']]
    return {
      icon: 'warn', title: `Remove the lock on ${name}?`, shape: 'unlock', label: 'Remove lock', act: 'Remove scope lock file',
      path: `/api/microscopes/${encodeURIComponent(id)}/remove-lock`, rule: facts.removeLock,
      refused: lock.living ? 'A second run started now would crash both.' : '',
      body: [h('p', {}, 'Another run can then start on this microscope.'), this.#facts(rows), kept(facts.removeLock)],
    }
  }

  kill(facts) {
    const workers = facts.workers === 1 ? ' and its worker' : facts.workers > 1 ? ` and its ${facts.workers} workers` : ''
    const item = (shape, hue, term, text) => h('li', {}, icon(shape, `s ${hue}`), h('span', {}, h('b', {}, term), ` ${text}`))
    return {
      icon: 'kill', title: 'Force-kill all processes of this session?', shape: 'kill', label: 'Force-kill now', act: 'Force-kill',
      path: `${this.#run.path}/force-kill`, rule: facts.forceKill,
      body: [h(
        'p', {}, 'Use in an emergency only. ', h('b', {}, 'Stop'), ' finishes the current exposure and ends the run cleanly.'
      ),
        h('ul', {},
          item(
            'x', 'c-err', 'Now:',
            `the run${workers} ${workers ? 'end' : 'ends'} at once, the exposure in progress is lost. The server and the other sessions go on.`
          ),
          item('plug', '', 'Microscope:', 'valves are closed if it answers, the connection closes.'),
          item('unlock', '', 'Afterwards:', 'the lock is freed and Start is offered; anything that could not be done is reported.'),
          item('check', 'c-ok', 'Kept:', 'saved images, queue, logs.')),
        h(
          'p', { class: 'which' }, icon('info', 's'),
          h(
            'span', {},
            'SerialEM’s own STOP button breaks the connection at once, but SerialEM must then be restarted. Use it only if this does not work.'
          )
        )],
    }
  }

  #facts(rows) {
    return h(
      'dl', { class: 'facts' },
      rows.flatMap(([term, fact]) => [h('dt', { key: `t ${term}` }, term), h('dd', { key: `d ${term}` }, fact)])
    )
  }
}

// Said only where the act can be done: beside a refusal it would read as if it had been.
const kept = ({ allowed }) => allowed && h('p', { key: 'kept' }, 'Saved images, queue and logs are kept.')

/** The facts that a decision hangs on. Workers come and go, and a run that moves on is still the same run. */
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
