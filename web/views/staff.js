// What gets a session out of a bad state, for staff alone. Whether an act is allowed, and why, is the server's word.

import { get } from '../api.js'
import { whyDone } from '../estimates.js'
import { staffActs, StaffDialog } from './staffDialogs.js'
import { button, h, icon, link, menu } from './parts.js'

// Events that can change what is allowed; with the rest the page would ask at every image.
const telling = new Set([
  'runStarted', 'runStopped', 'runCompleted', 'runFailed', 'runInterrupted', 'runKilled', 'lockTaken', 'lockFreed'
])
// A process can die without an event.
const readsEvery = 15_000

export class StaffView {
  #isReading = false
  #readAt = 0
  facts = null
  problem = null

  constructor(run) { this.run = run }

  heard(frame) {
    if (!this.run.me.staff) return
    if (!this.facts || frame.kind === 'snapshot' || telling.has(frame.type)) this.read()
  }

  tick() {
    if (this.run.state && this.run.me.staff && performance.now() - this.#readAt > readsEvery) this.read()
  }

  /** One question at a time. On a stale page an answer through another link would be believed. */
  async read() {
    if (this.#isReading || this.run.app.live.isStale) return
    this.#isReading = true
    this.#readAt = performance.now()
    try {
      this.facts = await get(`${this.run.path}/staff`)
      this.problem = null
    } catch (problem) {
      // The facts stay; without any a button rests, with this problem as the reason.
      this.problem = problem
    }
    this.#isReading = false
    this.run.app.dialog?.factsChanged?.(this.facts)
    this.run.app.invalidate()
  }

  render() {
    return h('section.staff', { key: 'staff', 'aria-labelledby': 'h-staff' },
      h('header', icon('warn', 'm'), h('h2', { id: 'h-staff' }, 'Staff only, use carefully'),
        h('span.dim', 'These get the session out of a bad state. Every use is logged with your name.'),
        link(`/audit?session=${encodeURIComponent(this.run.session)}`, {}, 'Who did what in this session')),
      h('div.ops', Object.keys(staffActs).map((kind) => this.#operation(kind))),
      h('p.which', icon('info'), h('span', h('b', 'Which stop to use.'),
        ' Stop finishes the exposure. Force-kill ends everything at once and closes the connection properly. ',
        'SerialEM’s own STOP button breaks the connection, and SerialEM must then be restarted: only if nothing else works.')))
  }

  /** In the header, so that an emergency needs no scrolling. */
  menu() {
    return menu(this.run.app, {
      id: 'staff-acts', label: 'Staff acts', title: 'Staff acts, key !', class: 'danger-o', face: [icon('warn'), 'Staff'],
      items: ['kill', 'force', 'lock'].map((kind) => {
        const { act, short = act, shape } = staffActs[kind]
        return { label: `${short}…`, icon: shape, reason: this.#whyNot(kind), press: () => this.#ask(kind) }
      }),
    })
  }

  #ask(kind) { this.run.app.show(new StaffDialog(this.run, kind)) }
  #rule(kind) { return this.facts?.[staffActs[kind].rule] }

  #whyNot(kind) {
    if (!this.facts) return this.run.rests ?? this.problem?.sentence ?? 'Reading the facts…'
    const { allowed, sentence } = this.#rule(kind)
    // The server would take it for a session with nothing left to start.
    const refusal = allowed ? kind === 'force' ? whyDone(this.run.state) : undefined : sentence
    return this.run.rests ?? refusal
  }

  #operation(kind) {
    const { act, long = act, shape, what } = staffActs[kind]
    const rests = this.#whyNot(kind)
    const why = `why-${kind}`
    return h('div.op', { key: kind },
      // The words beside it name the reason.
      button({ class: 'danger-o', key: kind, reason: rests, describedBy: why, press: () => this.#ask(kind) },
        icon(shape, 'm'), long),
      h('p', { id: why }, what(this.run.state.microscope), ' ', h('b', rests ?? this.#rule(kind).sentence)))
  }
}
