// The run page: one session, live. One main button, Start or Stop, so that nobody presses the one while looking for the other.

import { ProgressMemory, sessionFraction, whyDone } from '../estimates.js'
import { ago, clockSeconds, decimal } from '../format.js'
import { Forecast } from './forecast.js'
import { gridStrip } from './grids.js'
import { gridsButton } from './gridsDialog.js'
import { Here } from './here.js'
import { LogView } from './logs.js'
import { noticeList } from './notices.js'
import { nowStrip, StepMemory } from './now.js'
import { awaited, button, copyButton, h, hidden, icon, link, page, pill, problemNotice, yes } from './parts.js'
import { PromptView } from './prompts.js'
import { promptTitle } from './promptWords.js'
import { QueueView } from './queue.js'
import { SessionPage } from './sessionPage.js'
import { settingsButton } from './settings.js'
import { StaffView } from './staff.js'
import { holderOf, isAlive, statusOf } from './status.js'
import { vitals } from './vitals.js'

export class RunView extends SessionPage {
  place = 'run'
  steps = new StepMemory()
  progress = new ProgressMemory()
  #otherHolder = null
  #heardAt = 0

  constructor(app, [id]) {
    super(app)
    this.session = id
    this.here = new Here(app)
    this.forecast = new Forecast(app)
    this.queue = new QueueView(this)
    this.prompts = new PromptView(this)
    this.staff = new StaffView(this)
    this.logs = ['imaging', 'processing'].map((name) => new LogView(app, id, name))
  }

  open() {
    this.watch(this.session)
    for (const log of this.logs) log.open()
  }

  close() {
    super.close()
    for (const log of this.logs) log.close()
  }

  // The snapshot brings the last readings.
  get disks() { return this.topic.readings.disk?.data?.disks ?? this.state?.readings?.disk ?? [] }
  // An empty reading is news too: it must not fall back to the snapshot's.
  #told(type, field) {
    const reading = this.topic.readings[type] ? this.topic.readings[type].data : this.state?.readings?.[type]
    return reading?.[field] ? reading : null
  }
  get step() { return this.#told('step', 'step') }
  get trouble() { return this.#told('trouble', 'sentence') }
  get heardAt() {
    // A long exposure has no event, and a quick one no reading of its own.
    const told = [this.topic.readings.heard?.at ?? this.state?.readings?.heard, this.step?.begunAt]
    return Math.max(this.#heardAt, ...told.map((at) => Date.parse(at) || 0))
  }
  // The other session that holds the microscope, nameless where it may not be seen.
  get otherHolder() {
    const holder = holderOf(this.app.facility?.state, this.state?.session.microscope)
    return holder && holder.session !== this.session ? holder : null
  }

  // A "12 s ago" that goes on counting on a dead page would be believed.
  age(at) { return this.app.live.isStale ? clockSeconds(at) : ago(at, this.app.live.now()) }
  browserPath() { return this.state?.current ? this.gridPath(this.state.current) : `/sessions?session=${this.session}` }

  command(key, act, path, body, method = 'POST') { return this.commands.do(key, act, method, this.path + path, body) }

  // In a row of tabs only the beginning can be read: what needs a person comes first.
  title() {
    const { state } = this
    if (!state) return 'Run'
    const standing = statusOf(this).word
    if (!state.prompt) return `${standing}: ${state.session.name}`
    return `${this.mark}${isAlive(state) ? 'Paused' : standing.split(',')[0]}: ${promptTitle(state)}`
  }

  // A snapshot is no sign of life of the run, and brings the run's own last sign.
  heard(frame) {
    if (frame.kind === 'event') this.#heardAt = Math.max(this.#heardAt, Date.parse(frame.at))
    this.queue.heard(frame)
    this.staff.heard(frame)
    this.steps.heard(this.step)
    if (this.state) this.progress.heard(sessionFraction(this.state), frame.at ?? this.app.live.now())
    this.prompts.heard()
  }

  tick() { this.staff.tick() }
  painted() { this.queue.painted() }

  pressed(event) {
    const log = this.logs.find(({ element }) => element.closest('section')?.contains(document.activeElement)) ?? this.logs[0]
    if (event.key === '/') {
      event.preventDefault()
      log.focusFilter()
    } else if (event.key === '!' && this.me.staff) document.getElementById('staff-acts')?.click()
    else if (event.key === 'End') for (const each of this.logs) each.resume()
  }

  render() {
    // The server has let go of the topic: nothing of it may look current.
    if (this.topic.problem && !this.state) return this.#unavailable(this.topic.problem)
    if (!this.state) return page('loading', h('h1.sr', 'Run page'), awaited(this, 'session'))
    // Who holds the microscope comes with the facility's topic, so not in `heard`.
    this.#noteLock()
    const { status, session, grids } = this.state
    // # is not sent: other settings are another question.
    this.forecast.want(/ready|completed/.test(status) && !this.app.live.isStale
      && `${this.path}/forecast#${status} ${grids.length} ${JSON.stringify(session.settings)}`)
    return [
      this.#header(),
      page(`run ${this.session}`, noticeList(this), vitals(this),
        gridStrip(this, gridsButton(this)), nowStrip(this),
        h('div.work', this.queue.render(), h('div.logs', this.logs.map((log) => log.render()))),
        this.me.staff && this.staff.render()),
      this.me.controls && h(
        // Covered while the sheet asks: a Stop under the same thumb would be pressed by mistake.
        'div.thumb', { class: this.prompts.coversThumb ? 'covered' : '', key: 'thumb' }, this.#pauseSwitch(true),
        this.#mainButton('thumb-main')
      ),
      this.prompts.renderSheet(),
    ]
  }

  #unavailable(problem) {
    return page('unavailable', h('h1', 'This session cannot be shown'), problemNotice(problem),
      h('p', link('/sessions', {}, 'Go to session browser')))
  }

  #header() {
    const { session, microscope, detector } = this.state
    return h('header.runbar', { key: 'runbar' },
      h('div.title',
        h('div.row.wrap.titles', h('h1', session.name), pill(statusOf(this), { large: true, id: 'status' }),
          // Not a notice: it is the ordinary state of a run.
          isAlive(this.state) && h('span.row.tight.dim.small', { key: 'lock', role: 'status' }, icon('lock'),
            h('span', `Microscope ${microscope.name} is currently busy running this session.`,
              hidden(' No other session can start on it.')))),
        h('div.meta', [['Microscope', 'scope', `${microscope.name}, ${microscope.voltage} kV`],
          ['Detector', 'det', `${detector.name}, ${decimal(detector.pixelSize, 2)} Å/px`], ['Group', 'group', session.group]]
          .map(([title, shape, words]) => h('span', { title }, icon(shape), words)),
          link(this.browserPath(), { class: 'row tight' }, 'Go to session browser', icon('right')), settingsButton(this),
          // For the next sample of the same kind.
          !isAlive(this.state) && this.state.outcome && copyButton(this))),
      this.me.staff && this.staff.menu(),
      this.me.controls && h('div.controls', this.#pauseSwitch(false), this.#mainButton('main')))
  }

  // Shows what the server has confirmed: until then nobody has promised a pause.
  #pauseSwitch(isThumb) {
    const isOn = this.state.pauseBetweenGrids
    const isSent = this.commands.isSent('pause')
    const rests = this.rests ?? whyDone(this.state)
    const act = `Turning the pause between grids ${isOn ? 'off' : 'on'}`
    const press = () => rests || isSent || this.command('pause', act, '/pause-between-grids', { enabled: !isOn }, 'PUT')
    // "Counts when a grid ends", because turning it on does not pause anything now.
    return h('button.switch', {
      type: 'button', role: 'switch', 'aria-checked': isOn, 'aria-busy': yes(isSent),
      'aria-disabled': yes(rests), 'aria-label': isThumb ? 'Pause between grids' : undefined,
      title: rests ?? 'Ask before moving to the next grid. Counts when a grid ends.', on: { click: press },
    }, isThumb ? 'Pause ' : 'Pause between grids ', h('span.track', { 'aria-hidden': 'true' }))
  }

  // No confirmation: Stop finishes the exposure and can be taken back; a dialog costs more than a wrong press.
  #mainButton(key) {
    const { status } = this.state
    const main = (style, shape, words, more) => button({ key, class: `${style} main`, ...more }, icon(shape, 'm'), words)
    // Between the press and its event the old button would invite a second one.
    if (this.commands.isSent('start') || status === 'starting') return main('', 'run', 'Starting…', { busy: true })
    if (this.commands.isSent('stop') || status === 'stopping') return main('', 'clock', 'Stopping…', { busy: true })
    if (isAlive(this.state)) {
      return main('stop', 'stop', 'Stop', { reason: this.rests, press: () => this.command('stop', 'Stop', '/stop') })
    }
    const reason = this.rests ?? this.#whyNotStart
    return main(reason ? '' : 'go', 'play', 'Start', { reason, press: () => this.command('start', 'Start', '/start') })
  }

  // The page's own guess, which spares people a refusal.
  get #whyNotStart() {
    if (this.state.archived) return 'This session is in the archive.'
    if (this.otherHolder) return `${this.state.microscope.name} is busy with another session.`
    return whyDone(this.state)
  }

  // For somebody who waits for the microscope.
  #noteLock() {
    const holder = this.otherHolder
    // A holder that was last seen before the cut may be there still.
    if (this.#otherHolder && !holder && !isAlive(this.state) && !this.app.live.isStale) {
      this.app.notify({
        id: 'freed', kind: 'ok', sentence: `${this.state.microscope.name} is free.`, detail: 'You can start now.'
      })
    }
    if (holder || isAlive(this.state)) this.app.notices.delete('freed')
    this.#otherHolder = holder
  }
}
