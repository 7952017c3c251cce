// What gets a session out of a bad state: for staff alone, set apart, each act with whether it is needed now.
//
// From `GET …/staff`, read anew with every event that touches it: whether each act is allowed, and why, is the server's word.
// Never to be misread: Force-kill for Stop. Stop finishes the exposure; Force-kill loses it.

import { get } from '../api.js'
import { h } from '../dom.js'
import { whyDone } from '../estimates.js'
import { StaffDialog } from './staffDialogs.js'
import { button, icon, link, menu } from './parts.js'

// Events that can change what is allowed. The rest of the stream would make the page ask with every image.
const telling = new Set([
  'runStarted', 'runStopped', 'runCompleted', 'runFailed', 'runInterrupted', 'runKilled', 'lockTaken', 'lockFreed'
])
// The facts may change without an event: a process can die.
const readsEvery = 15_000

export class StaffView {
  #run
  #isReading = false
  #readAt = 0
  facts = null
  problem = null

  constructor(run) { this.#run = run }

  heard(frame) {
    if (!this.#run.me.staff) return
    if (!this.facts || frame.kind === 'snapshot' || telling.has(frame.type)) this.read()
  }

  tick() {
    if (this.#run.state && this.#run.me.staff && performance.now() - this.#readAt > readsEvery) this.read()
  }

  close() {
    if (this.#run.app.dialog instanceof StaffDialog) this.#run.app.closeDialog()
  }

  /**
   * Reads the facts, one question at a time. Nothing is asked on a stale page: an answer through another link would be
   * believed.
   */
  async read() {
    if (this.#isReading || this.#run.app.live.isStale) return
    this.#isReading = true
    this.#readAt = performance.now()
    try {
      this.facts = await get(`${this.#run.path}/staff`)
      this.problem = null
    } catch (problem) {
      // The facts stay as they were; a button rests when there are none at all, with this problem as the reason.
      this.problem = problem
    }
    this.#isReading = false
    this.#run.app.dialog?.factsChanged?.(this.facts)
    this.#run.app.invalidate()
  }

  render() {
    return h('section', { class: 'staff', key: 'staff', 'aria-labelledby': 'h-staff' },
      h(
        'header', {}, icon('warn'), h('h2', { id: 'h-staff' }, 'Staff only, use carefully'),
        h('span', { class: 'dim' }, 'These get the session out of a bad state. Every use is logged with your name.'),
        link(`/audit?session=${encodeURIComponent(this.#run.session)}`, {}, 'Who did what in this session')
      ),
      h('div', { class: 'ops' }, this.#forceStart(), this.#removeLock(), this.#forceKill()),
      h('p', { class: 'which' }, icon('info', 's'), h('span', {}, h('b', {}, 'Which stop to use.'),
        ' Stop finishes the exposure. Force-kill ends everything at once and closes the connection properly. SerialEM’s own STOP button breaks the connection, and SerialEM must then be restarted: only if nothing else works.')))
  }

  /** The same acts from the header, so that an emergency needs no scrolling. */
  menu() {
    const item = (kind, label, shape, rule) => ({
      label, icon: shape, reason: this.#whyNot(kind, this.facts?.[rule]),
      press: () => this.#run.app.show(new StaffDialog(this.#run, kind)),
    })
    return menu(this.#run.app, {
      id: 'staff-acts', label: 'Staff acts', title: 'Staff acts, key !', class: 'danger-o', face: [icon('warn', 's'), 'Staff'],
      items: [
        item('kill', 'Force-kill…', 'kill', 'forceKill'), item('force', 'Force start…', 'force', 'forceStart'),
        item('lock', 'Remove lock file…', 'unlock', 'removeLock'),
      ],
    })
  }

  /** Why an act rests; undefined when it can be done. */
  #whyNot(kind, rule) {
    if (!this.facts) return this.#run.rests ?? this.problem?.sentence ?? 'Reading the facts…'
    // The server would take it for a session in which there is nothing left to start.
    const refusal = rule.allowed ? kind === 'force' ? whyDone(this.#run.state) : undefined : rule.sentence
    return this.#run.rests ?? refusal
  }

  /** The server says of each act whether it is allowed, and in a sentence why or why not. */
  #operation(kind, label, shape, rule, words) {
    const rests = this.#whyNot(kind, rule)
    const why = `why-${kind}`
    return h('div', { class: 'op', key: kind },
      // Described by the words beside it, which name the reason: it need not be hidden in a tooltip.
      button({
        class: 'danger-o', key: kind, reason: rests, describedBy: why,
        press: () => this.#run.app.show(new StaffDialog(this.#run, kind)),
      }, icon(shape), label),
      h('p', { id: why }, words, ' ', h('b', {}, rests ?? rule.sentence)))
  }

  #forceStart() {
    return this.#operation(
      'force', 'Force start', 'force', this.facts?.forceStart,
      'Starts the session when its recorded status is wrong and Start is not offered.'
    )
  }

  #removeLock() {
    return this.#operation(
      'lock', 'Remove scope lock file', 'unlock', this.facts?.removeLock,
      `Frees ${this.#run.state.microscope.name} when the run that held it is gone.`
    )
  }

  #forceKill() {
    // Without the server's number: it is the same for every session, and killed by hand it would take all microscopes along.
    return this.#operation('kill', 'Force-kill all session processes', 'kill', this.facts?.forceKill,
      'Ends all processes of this session at once, closes the valves and the connection, frees the lock.')
  }
}
