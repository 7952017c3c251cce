// What the run page and the session browser share: one session's topic, and what may be done there.

import { sessionPath } from '../api.js'
import { Commands, whyStale } from '../commands.js'
import { foldSession } from '../state.js'
import { onlyWatches } from './status.js'

export class SessionPage {
  #watch = null

  constructor(app) {
    this.app = app
    this.commands = new Commands(app, () => this.topic)
  }

  /** `heard(frame)` is the page's own. */
  watch(session) {
    this.#watch?.close()
    this.session = session
    this.#watch = session && this.app.live.watch(`session/${session}`, {
      fold: foldSession,
      changed: (topic, frame) => {
        this.commands.heard(frame)
        this.heard(frame)
        this.app.changed()
      }
    })
  }

  close() { this.#watch?.close() }

  get topic() { return this.#watch?.topic }
  get state() { return this.topic?.state }
  // Nothing until the server has said: buttons may appear, but never vanish under a finger.
  get me() { return this.state?.me ?? { controls: false, staff: false } }
  get rests() { return whyStale(this.app.live) }
  get path() { return sessionPath(this.session) }
  // Whoever looks at results counts as present too.
  get watchers() { return this.topic?.readings.watchers?.data?.people ?? [] }
  get asks() { return Boolean(this.state?.prompt) && !onlyWatches(this.state) }
  get mark() { return this.asks ? '(1) ' : '' }
  gridPath(grid) { return `/sessions/${this.session}/grids/${grid}` }
}
