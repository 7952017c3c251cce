// A dialog over what others may change while it is open: what was not touched follows them, what was stays and is marked.

import { refusal } from '../commands.js'
import { dialog } from './dialogs.js'
import { button, focusOn, h, icon, problemNotice, submitter } from './parts.js'
import { fieldID } from './sessionFields.js'

/**
 * Each has a `title`, an `intro`, `body()` and `save()`; of each field `now(name)`, the server's text, and `kept(name)`, why it
 * stays that; `look()` gives what is wrong with what was typed.
 */
export class EditDialog {
  #typed = new Map()
  #found
  #isTried = false
  isSaving = false
  // Sentences by field; under '' a problem of the whole.
  refusals = new Map()

  constructor(page) { this.page = page }

  text = (name) => (this.kept(name) ? undefined : this.#typed.get(name)?.text) ?? this.now(name)

  isChanged(name) { return this.text(name) !== this.now(name) }

  set(name, text) {
    this.#typed.set(name, { text, was: this.#typed.get(name)?.was ?? this.now(name) })
    this.refusals.delete(name)
  }

  said(name) {
    const [typed, now] = [this.#typed.get(name), this.now(name)]
    return {
      kept: this.kept(name), problem: this.refusals.get(name) ?? (typed || this.#isTried ? this.#found.get(name) : undefined),
      news: typed && now !== typed.was && this.isChanged(name) && `Somebody else has set ${now || 'nothing'} meanwhile.`,
    }
  }

  render() {
    const { app, rests, state } = this.page
    const frame = { title: this.title, icon: 'edit', style: 'wide broad' }
    if (!state) return dialog(app, frame, h('p', 'This session cannot be shown any more.'))
    this.#found = this.look()
    return dialog(app, frame, [
      this.refusals.has('') && problemNotice(this.refusals.get('')), h('p', this.intro),
      h('form.stack', { id: 'edit', novalidate: true, on: { submit: () => this.#submit() } }, this.body()),
    ], submitter({ form: 'edit', class: 'primary', key: 'save', busy: this.isSaving, reason: rests }, 'Save'))
  }

  async #submit() {
    const { app } = this.page
    if (this.isSaving) return
    this.#isTried = true
    app.paint()
    if (this.#found.size) return focusOn(fieldID(this.#found.keys().next().value))
    this.isSaving = true
    this.refusals.clear()
    await this.save()
    this.isSaving = false
    if (!this.refusals.size && app.dialog === this) app.closeDialog()
  }

  /** True when the server took it. `place(field)`: which field shows a refusal. Of a closed dialog the page tells. */
  async ask(act, method, path, body, place = () => '') {
    const { app, commands, path: base } = this.page
    let isTold = false
    const told = (problem) => {
      isTold = true
      if (app.dialog !== this || problem.status === 401) return false
      for (const { field, sentence } of problem.details.problems ?? [problem]) {
        const name = place(field) ?? ''
        this.refusals.set(name, name ? sentence : refusal(act, { ...problem, sentence }))
      }
      return true
    }
    const isTaken = await commands.do(`edit ${path} ${body.position}`, act, method, base + path, body, told)
    // The last one is still on its way, or the link has gone.
    if (!isTaken && !isTold) told({ sentence: 'It was not sent. Press Save again.', details: {} })
    return isTaken
  }
}

export const opener = (key, words, Dialog) => (page) => page.me.controls
  && button({ class: 'sm', key, press: () => page.app.show(new Dialog(page)) }, icon('edit'), words)
