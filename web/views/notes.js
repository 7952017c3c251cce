// What people think of a grid: good or bad, and notes that are saved as they are typed.

import { gridPath } from '../api.js'
import { clock, sentences } from '../format.js'
import { h, hidden, icon, segments, yes } from './parts.js'

const pause = 700
const qualities = [['good', 'Good', 'c-ok'], ['bad', 'Bad', 'c-warn']]

/** A thumb, with its word for whoever does not see it. */
export const qualityMark = (quality) => qualities.filter(([value]) => value === quality).map(([value, word, hue]) =>
  h('span', { key: 'quality', class: hue, title: word }, icon(value), hidden(`, ${value}`)))

export class GridNotes {
  // What stands in the field since somebody typed in it, what of that the server took last, why it takes no more.
  #typed = null
  #sent = null
  #refusal = null
  #timer = 0
  #hasFocus = false
  #isGone = false

  constructor(report) { this.report = report }

  get #saved() { return this.report.state?.notes ?? {} }
  get #text() { return this.#saved.text ?? '' }
  get #isUnsaved() { return this.#typed !== null && this.#typed !== this.#sent }
  get #isSending() { return this.report.commands.isSent('notes') }

  type(text) {
    this.#typed = text
    this.#sent = null
    this.#refusal = null
    this.#wait()
  }

  leave() {
    this.#hasFocus = false
    if (this.#isUnsaved) this.#save()
    else this.#typed = null
  }

  close() {
    this.#isGone = true
    this.leave()
  }

  /** What others write is shown as soon as nothing of one's own is in the field. */
  heard() { if (!this.#hasFocus && !this.#isUnsaved) this.#typed = null }

  // What was typed while the last was on its way, or the link was cut.
  painted() {
    if (this.#isUnsaved && !this.#timer && !this.#isSending && !this.#refusal && !this.report.app.live.isStale) this.#wait()
  }

  #wait() {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#save(), pause)
  }

  #put(key, act, body, onRefused) {
    return this.report.commands.do(key, act, 'PUT', `${gridPath(this.report.grid)}/notes`, body, onRefused)
  }

  async #save() {
    clearTimeout(this.#timer)
    this.#timer = 0
    const notes = this.#typed
    // The server has no news of what has not changed.
    const isSaved = notes === this.#text && !this.#isSending
    const onRefused = (problem) => {
      this.#refusal = problem
      // Elsewhere nobody would see it in the field.
      return problem.status !== 401 && !this.#isGone
    }
    if (isSaved || await this.#put('notes', 'Saving the notes', { notes }, onRefused)) this.#sent = notes
    this.report.app.invalidate()
  }

  field() {
    const { controls } = this.report
    if (!controls) return this.#text ? h('p.notes', { key: 'notes' }, h('span.lbl', 'Notes'), h('span', this.#text),
      this.#standing()) : null
    return h('div.notes', { key: 'notes' }, h('label.lbl', { for: 'notes' }, 'Notes'),
      h('input.input', {
        id: 'notes', maxlength: 2000, 'aria-describedby': 'notes-standing', value: this.#typed ?? this.#text,
        on: {
          input: ({ target }) => this.type(target.value), focus: () => { this.#hasFocus = true }, blur: () => this.leave()
        }
      }),
      h('span.lbl', { id: 'notes-standing', role: this.#refusal ? 'alert' : undefined }, this.#standing()))
  }

  #standing() {
    const { app } = this.report
    const { by, at } = this.#saved
    const writer = by && by !== app.me?.username ? ` by ${by}` : ''
    // Both can be read; what is saved last stays.
    const other = this.#typed !== null && writer && this.#typed !== this.#text
      && h('span', `Saved${writer} at ${clock(at)}: ${this.#text}`)
    if (this.#refusal) return [h('span.c-err', sentences('Not saved.', this.#refusal.sentence, this.#refusal.remedy)), other]
    if (this.#isSending || this.#isUnsaved) return [this.#isSending ? 'Saving…' : 'Not saved yet', other]
    if (other) return other
    return at && this.#text ? [h('span.c-ok', icon('check')), `Saved ${clock(at)}${writer}`] : null
  }

  /** Shows what the server has confirmed. A second press on a thumb takes it away. */
  quality() {
    const { controls, rests } = this.report
    const chosen = this.#saved.quality
    if (!controls) return qualityMark(chosen)
    const set = (quality) => !rests && this.#put('quality', 'Judging the grid', { quality })
    return segments('Quality of this grid', qualities.map(([value, word]) =>
      [value, [icon(value), word], value === chosen, () => set(value === chosen ? null : value)]
    ), { title: rests, 'aria-disabled': yes(rests) })
  }
}
