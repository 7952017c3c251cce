// The question of the run, on the page and as a sheet over a phone's thumb bar. It goes only when the server says so.

import { image } from '../api.js'
import { duration } from '../format.js'
import { secondsSince, summaryOf } from '../estimates.js'
import { button, h, icon, link, picture } from './parts.js'
import { wording } from './promptWords.js'
import { onlyWatches } from './status.js'

// Milliseconds in which a tap meant for something else cannot answer.
const armsAfter = 400

export class PromptView {
  #shown = null
  #armed = false
  #isLow = false
  #drag = null

  constructor(run) { this.run = run }

  // With the sheet lowered Stop can be reached: nobody must answer before they may stop.
  get coversThumb() { return Boolean(this.run.state?.prompt) && !this.#isLow }

  /** A new prompt is announced once, and its sheet rises again. */
  heard() {
    const { state, app } = this.run
    const id = state?.prompt?.id ?? null
    // By its id: added targets change a prompt, and a lowered sheet stays low.
    if (id === this.#shown) return
    this.#shown = id
    this.#isLow = this.#armed = false
    // A later prompt has a wait of its own.
    if (id) setTimeout(() => { this.#armed ||= this.#shown === id; app.invalidate() }, armsAfter)
  }

  render() {
    const words = this.#words
    if (!words) return null
    return h('section.prompt', alert('prompt', 'prompt-title'),
      icon(words.icon, 'm'),
      h('div', h('h2', { id: 'prompt-title' }, words.title), this.#facts(words),
        words.hint && h('p.hint', { id: 'prompt-hint' }, icon('info'), h('span', words.hint))),
      this.run.me.controls && h('div.act', words.answers.map((answer) => this.#button(answer, 'page', 'prompt-hint'))))
  }

  /** It can be lowered but not dismissed, since the run waits for it. */
  renderSheet() {
    const words = this.#words
    if (!words) return null
    const { state, me } = this.run
    const style = this.#drag ? { transform: `translateY(${Math.max(0, this.#drag.by)}px)` } : {}
    const letGo = () => this.#letGo()
    // A button, so that keyboards and screen readers can lower it too.
    const handle = h('button.handle', {
      type: 'button', 'aria-expanded': !this.#isLow, 'aria-label': `${this.#isLow ? 'Show' : 'Lower'} the question`,
      on: {
        click: () => this.#lower(), pointerdown: this.#grab, pointermove: this.#pull,
        pointerup: letGo, pointercancel: letGo
      },
    })
    return h('section.sheet', { ...alert('sheet', 'sheet-title'), class: this.#isLow ? 'low' : '', style }, handle,
      h('h2', { id: 'sheet-title' }, icon(words.icon, 'm'), words.title),
      !this.#isLow && [
        h('div.thumbs', { key: 'thumbs' }, thumbs(state).map((src) => picture(src, ''))),
        !words.facts.length && words.text && h('p', { key: 'text' }, words.text),
        h('div.facts', { key: 'facts' }, words.facts,
          h('span', { 'aria-live': 'off' }, 'waiting ', h('b', this.#waiting)), words.results),
        words.hint && h('p.row.top', { key: 'hint', id: 'sheet-hint' },
          h('span.c-warn', icon('info', 'm')), h('span', words.hint)),
        me.controls && words.answers.map((answer) => this.#button(answer, 'sheet', 'sheet-hint')),
      ])
  }

  #facts(words) {
    return h('p', words.text, words.text && ' ',
      onlyWatches(this.run.state) && `A member of ${this.run.state.session.group} can answer. `,
      h('span', { 'aria-live': 'off' }, `Waiting for ${this.#waiting}. `), words.results)
  }

  get #waiting() { return duration(secondsSince(this.run.app.live, this.run.state.prompt.raisedAt)) }

  #button({ answer, label, consequence, name, reason, isPrimary }, place, hint) {
    const { state, commands, rests } = this.run
    const key = `${place} ${answer}`
    // Only the sheet waits: it comes up where the thumb bar was.
    const isArmed = place === 'page' || this.#armed
    const small = consequence && h('small', consequence)
    // A resting button never stands out; its reason is the hint that everybody can read.
    return button({
      key, id: `${place}-${answer}`, class: isPrimary && !reason ? 'primary' : '', 'aria-label': name, reason: rests ?? reason,
      describedBy: !rests && reason ? hint : undefined,
      busy: commands.isSent(`answer ${state.prompt.id}`) || (!isArmed && 'arming'), press: () => this.#answer(answer, label),
    }, place === 'page' ? h('span', label, small) : [h('span', label), small])
  }

  // With its id, so that it never answers the next question.
  #answer(answer, label) {
    const { prompt: { id, kind }, queue: { version } } = this.run.state
    // To proceed drops what waits: whoever does so must have seen it.
    const seen = (kind === 'gridFinished' || answer === 'next') && { version }
    return this.run.command(`answer ${id}`, label, `/prompts/${id}`, { answer, ...seen })
  }

  get #words() {
    const { state } = this.run
    if (!state?.prompt) return null
    const summary = summaryOf(state, state.prompt.grid)
    const results = link(this.run.gridPath(state.prompt.grid), { class: 'nowrap' }, 'See the results')
    return { results: summary && results, facts: [], ...wording(state, state.prompt, summary, this.run) }
  }

  // A drag ends with a click on the handle, which would undo it.
  #lower() { if (!this.#drag?.moved) this.#isLow = !this.#isLow }

  // With the capture a finger that leaves the narrow handle still drags.
  #grab = (event) => {
    event.target.setPointerCapture(event.pointerId)
    this.#drag = { from: event.clientY, by: 0 }
  }

  #pull = (event) => {
    if (!this.#drag) return
    this.#drag.by = event.clientY - this.#drag.from
    this.run.app.invalidate()
  }

  // 60 pixels are more than a thumb rolls in a press.
  #letGo() {
    const by = this.#drag?.by ?? 0
    this.#drag = Math.abs(by) > 60 ? { moved: true, by: 0 } : null
    if (this.#drag) {
      this.#isLow = by > 0
      // The click comes right after this event; only then may presses count again.
      setTimeout(() => { this.#drag = null }, 0)
    }
  }
}

// Not atomic, or the waiting time would bring all of it again every second.
const alert = (key, title) => ({ key, role: 'alert', 'aria-atomic': 'false', 'aria-labelledby': title })

// They may be of another grid than the prompt; the facts beside them are not.
function thumbs({ last }) {
  const high = last.highMag?.micrograph
  return [[last.atlas?.grid], [last.square?.target], [high], [high, 'spectrum']].filter(([id]) => id)
    .map(([id, kind]) => image(id, 180, kind))
}
