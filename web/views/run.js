// The run page: one session, live.
//
// It holds the parts of the page and what they share: the topic `session/ID`, its readings, who may act, why nothing may be sent.
// Every part is given this view as `run` and reads from it; none keeps a copy of the state.
// Never to be misread: on a stale page every status has its time of day, and no button sends anything. There is one main button,
// Start or Stop, so that nobody presses the one while looking for the other.

import { session as sessionPath } from '../api.js'
import { Commands } from '../commands.js'
import { h } from '../dom.js'
import { ProgressMemory, sessionFraction, whyDone } from '../estimates.js'
import { ago, clockSeconds, decimal } from '../format.js'
import { foldSession } from '../state.js'
import { gridStrip } from './grids.js'
import { Here } from './here.js'
import { LogView } from './logs.js'
import { noticeList } from './notices.js'
import { nowStrip, StepMemory } from './now.js'
import { button, icon, link, pill, problemNotice } from './parts.js'
import { PromptView } from './prompts.js'
import { promptTitle } from './promptWords.js'
import { QueueView } from './queue.js'
import { StaffView } from './staff.js'
import { isAlive, onlyWatches, statusOf } from './status.js'
import { vitals } from './vitals.js'

export class RunView {
  // What this page alone knows. A reload loses it, and nothing in it is needed to act.
  place = 'run'
  steps = new StepMemory()
  progress = new ProgressMemory()
  #otherHolder = null
  #heardAt = 0

  constructor(app, [id]) {
    Object.assign(this, { app, session: id })
    // The topic is not there before `open`, so it is asked for when it is needed.
    this.commands = new Commands(app, () => this.topic)
    this.here = new Here(app)
    this.queue = new QueueView(this)
    this.prompts = new PromptView(this)
    this.staff = new StaffView(this)
    this.logs = ['imaging', 'processing'].map((name) => new LogView(app, id, name))
  }

  open() {
    const watch = this.app.live.watch(
      `session/${this.session}`, { fold: foldSession, changed: (topic, frame) => this.#heard(frame) }
    )
    this.topic = watch.topic
    this.closeTopic = watch.close
    for (const log of this.logs) log.open()
  }

  close() {
    this.closeTopic()
    this.staff.close()
    for (const log of this.logs) log.close()
  }

  get state() { return this.topic.state }
  // Until the server has said what this viewer may do, it is nothing: buttons may appear, but never vanish under a
  // finger.
  get me() { return this.state?.me ?? { controls: false, staff: false } }
  // The snapshot brings the last readings along, so that a page just opened need not wait for the next one.
  get disks() { return this.topic.readings.disk?.data?.disks ?? this.state?.readings?.disk ?? [] }
  // An empty reading is news too: nothing is being done. It must not fall back to the older one of the snapshot.
  get step() {
    const step = this.topic.readings.step ? this.topic.readings.step.data : this.state?.readings?.step
    return step?.step ? step : null
  }
  get trouble() {
    const trouble = this.topic.readings.trouble ? this.topic.readings.trouble.data : this.state?.readings?.trouble
    return trouble?.sentence ? trouble : null
  }
  /** When the run last gave a sign of life, in milliseconds; 0 for not yet. */
  get heardAt() {
    // Three signs, of which the newest counts: a long exposure has no event, and a quick one no reading of its own.
    const told = this.topic.readings.heard?.at ?? this.state?.readings?.heard
    const began = this.step?.begunAt
    return Math.max(this.#heardAt, told ? Date.parse(told) : 0, began ? Date.parse(began) : 0)
  }
  get watchers() { return this.topic?.readings.watchers?.data?.people ?? [] }
  get asks() { return Boolean(this.state?.prompt) && !onlyWatches(this.state) }
  get path() { return sessionPath(this.session) }
  /** Why no command can be sent now; undefined when it can. */
  // One sentence for all buttons, so that nobody looks for a different cause behind each.
  get rests() { return this.app.live.isStale ? 'Buttons come back with the connection.' : undefined }

  /** Who holds this session's microscope, when it is another session; null otherwise. */
  // Whoever may not see the other session gets a holder without a name. The microscope is held all the same, and Start would be
  // refused.
  get otherHolder() {
    const entry = this.app.facility?.state?.microscopes.find(({ microscope }) => microscope.id === this.state?.session.microscope)
    return entry?.holder && entry.holder.session !== this.session ? entry.holder : null
  }

  /** How long ago while the page is live, a time of day once it is not. */
  // A "12 s ago" that goes on counting on a dead page would be believed.
  age(at) { return this.app.live.isStale ? clockSeconds(at) : ago(at, this.app.live.now()) }
  gridPath(grid) { return `/sessions/${this.session}/grids/${grid}` }
  browserPath() { return this.state?.current ? this.gridPath(this.state.current) : `/sessions?session=${this.session}` }

  command(key, act, path, body, method = 'POST') { return this.commands.do(key, act, method, this.path + path, body) }

  // Of a title in a row of tabs only the beginning can be read, so what needs a person comes first. "(1)" is what mail has
  // taught everybody to see.
  title() {
    if (!this.state) return 'Run · GridPilot'
    const { prompt, session } = this.state
    if (prompt) return `${this.asks ? '(1) ' : ''}${isAlive(this.state) ? 'Paused' : statusOf(this).word.split(',')[0]}: ${promptTitle(this.state)} · GridPilot`
    return `${statusOf(this).word}: ${session.name} · GridPilot`
  }

  // A snapshot is no sign of life of the run: it says that the server answers, and brings the run's own last sign with it.
  #heard(frame) {
    if (frame.kind === 'event') this.#heardAt = Math.max(this.#heardAt, Date.parse(frame.at))
    this.commands.heard(frame)
    this.queue.heard(frame)
    this.staff.heard(frame)
    this.steps.heard(this.step)
    if (this.state) this.progress.heard(sessionFraction(this.state), frame.at ?? this.app.live.now())
    this.prompts.heard()
    this.app.changed()
  }

  tick() { this.staff.tick() }
  painted() { this.queue.painted() }

  /** `/` goes to the nearest log's filter, End resumes following. */
  pressed(event) {
    const log = this.logs.find(({ element }) => element.closest('section')?.contains(document.activeElement)) ?? this.logs[0]
    if (event.key === '/') {
      event.preventDefault()
      log.focusFilter()
    } else if (event.key === '!' && this.me.staff) document.getElementById('staff-acts')?.click()
    else if (event.key === 'End') for (const each of this.logs) each.resume()
  }

  render() {
    // The server has let go of the topic, for instance because a right was taken away. Nothing of it may look current.
    if (this.topic.problem && !this.state) return this.#unavailable(this.topic.problem)
    if (!this.state) return h(
      'main', { class: 'page', id: 'main', key: 'loading' }, h('h1', { class: 'sr' }, 'Run page'),
      h('p', { class: 'dim', role: 'status' }, 'Loading the session…')
    )
    // Here and not in `#heard`, since who holds the microscope comes with the topic of the facility.
    this.#noteLock()
    return [
      this.#header(),
      h('main', { class: 'page', id: 'main', key: `run ${this.session}` },
        noticeList(this), vitals(this), gridStrip(this), nowStrip(this),
        h('div', { class: 'work' }, this.queue.render(), h('div', { class: 'logs' }, this.logs.map((log) => log.render()))),
        this.me.staff && this.staff.render()),
      this.me.controls && h(
        // Shown on phones only. While the sheet asks it is covered: a Stop under the same thumb as an answer would be pressed
        // by mistake.
        'div', { class: `thumb ${this.prompts.coversThumb ? 'covered' : ''}`, key: 'thumb' }, this.#pauseSwitch(true),
        this.#mainButton('thumb-main')
      ),
      this.prompts.renderSheet(),
    ]
  }

  #unavailable(problem) {
    return h('main', { class: 'page', id: 'main', key: 'unavailable' }, h('h1', {}, 'This session cannot be shown'),
      problemNotice(problem),
      h('p', {}, link('/sessions', {}, 'Go to session browser')))
  }

  #header() {
    const { session, microscope, detector } = this.state
    return h('header', { class: 'runbar', key: 'runbar' },
      h('div', { class: 'title' },
        h('div', { class: 'row wrap titles' }, h('h1', {}, session.name), pill(statusOf(this), { large: true, id: 'status' }),
          // Why no other session can start here. Not a notice: it is the ordinary state of a run, for as long as the run lasts.
          isAlive(this.state) && h('span', { class: 'row tight dim small', key: 'lock', role: 'status' }, icon('lock', 's'),
            h('span', {}, `Microscope ${microscope.name} is currently busy running this session.`,
              h('span', { class: 'sr' }, ' No other session can start on it.')))),
        h('div', { class: 'meta' },
          h('span', { title: 'Microscope' }, icon('scope', 's'), `${microscope.name}, ${microscope.voltage} kV`),
          h('span', { title: 'Detector' }, icon('det', 's'), `${detector.name}, ${decimal(detector.pixelSize, 2)} Å/px`),
          h('span', { title: 'Group' }, icon('group', 's'), session.group),
          link(this.browserPath(), { class: 'row tight' }, 'Go to session browser', icon('right', 's')))),
      this.me.staff && this.staff.menu(),
      this.me.controls && h('div', { class: 'controls' }, this.#pauseSwitch(false), this.#mainButton('main')))
  }

  /**
   * The switch shows what the server has confirmed, also while a change is on its way: until then nobody has promised that the
   * run will pause.
   */
  #pauseSwitch(isThumb) {
    const isOn = this.state.pauseBetweenGrids
    const isSent = this.commands.isSent('pause')
    const rests = this.rests ?? whyDone(this.state)
    const press = () => {
      if (rests || isSent) return
      this.command(
        'pause', isOn ? 'Turning the pause between grids off' : 'Turning the pause between grids on', '/pause-between-grids',
        { enabled: !isOn }, 'PUT'
      )
    }
    // `role=switch` is read as on or off. It says "Counts when a grid ends" because turning it on does not pause anything now.
    return h('button', {
      type: 'button', class: 'switch', role: 'switch', 'aria-checked': isOn, 'aria-busy': isSent ? 'true' : undefined,
      'aria-disabled': rests ? 'true' : undefined, 'aria-label': isThumb ? 'Pause between grids' : undefined,
      title: rests ?? 'Ask before moving to the next grid. Counts when a grid ends.', on: { click: press },
    }, isThumb ? 'Pause ' : 'Pause between grids ', h('span', { class: 'track', 'aria-hidden': 'true' }))
  }

  /** One main button, never both. */
  // No confirmation: Stop finishes the exposure and can be taken back, and a dialog in the way costs more than a wrong press.
  #mainButton(key) {
    const { status } = this.state
    // The press comes before the status: between the press and its event the old button would invite a second one.
    if (this.commands.isSent('start') || status === 'starting') {
      return button({ key, class: 'main', busy: true }, icon('run'), 'Starting…')
    }
    if (this.commands.isSent('stop') || status === 'stopping') {
      return button({ key, class: 'main', busy: true }, icon('clock'), 'Stopping…')
    }
    if (isAlive(this.state)) {
      return button(
        { key, class: 'stop main', reason: this.rests, press: () => this.command('stop', 'Stop', '/stop') }, icon('stop'), 'Stop'
      )
    }
    const reason = this.rests ?? this.#whyNotStart
    return button(
      { key, class: reason ? 'main' : 'go main', reason, press: () => this.command('start', 'Start', '/start') }, icon('play'),
      'Start'
    )
  }

  // The page's own guess, which spares people a refusal. The server judges again when Start is pressed.
  get #whyNotStart() {
    if (this.otherHolder) return `${this.state.microscope.name} is busy with another session.`
    return whyDone(this.state)
  }

  /** Says it when the microscope becomes free while somebody waits for it. */
  #noteLock() {
    const holder = this.otherHolder
    // Not on a stale page: a holder that was last seen before the cut may be there still.
    if (this.#otherHolder && !holder && !isAlive(this.state) && !this.app.live.isStale) {
      this.app.notify({
        id: 'freed', kind: 'ok', icon: 'done', sentence: `${this.state.microscope.name} is free.`, detail: 'You can start now.'
      })
    }
    if (holder || isAlive(this.state)) this.app.notices.delete('freed')
    this.#otherHolder = holder
  }
}
