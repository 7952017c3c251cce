// Commands on their way, never shown as done before their event says so. A press ends in one of four ways:
//
//   done      the event came, before or after the answer
//   refused   the server said no, in words
//   lost      no answer within `patience`, although it was asked for again: nobody can tell
//   given up  no event within `patience`; the whole state was fetched, and the operator judges

import { freshKey, send, sessionPath } from './api.js'
import { sentences } from './format.js'

const patience = 5000
const asksAgainAfter = 1000
// Far more than can be on their way at once.
const remembered = 500

/** One sentence, so that nobody looks for different causes behind resting buttons. */
export const whyStale = ({ isStale }) => (isStale ? 'Buttons come back with the connection.' : undefined)

/** Without an answer "was not done" would be wrong whenever only the answer was lost. */
export const refusal = (act, { isLost, sentence, remedy }) => (isLost
  ? { sentence: `${act} had no answer.`, remedy: 'It may have been done anyway. Check the run before you try again.' }
  : { sentence: `${act} was not done.`, remedy: sentences(sentence, remedy) })

// A second edit would be made on a list that is about to change.
export const whyNoEdit = (commands, live) => whyStale(live)
  ?? (commands.isSent('queue') ? 'The last change is still being sent.' : undefined)

/**
 * Made on the version that this page shows: of two people who move rows at once, one is refused instead of undoing the other
 * unseen. True when the server took it.
 */
export const editQueue = (commands, app, topic, act, changes) => commands.do(
  'queue', act, 'POST', `${sessionPath(topic.state.session.id)}/queue`, { version: topic.state.queue.version, ...changes },
  (problem) => {
    // The operator did nothing wrong, but must see the new list first.
    if (problem.code !== 'queue.changed') return false
    app.live.refresh(topic)
    app.notify({
      id: 'refused queue', kind: 'warn', icon: 'info', sentence: `${act} was not done.`,
      detail: 'The queue changed in the meantime. Look at it and try again.'
    })
    return true
  })

export class Commands {
  #sent = new Map()
  // An event often overtakes the answer that tells its id.
  #done = new Set()

  /** `topic()` gives the live topic whose events carry the answers. */
  constructor(app, topic) { Object.assign(this, { app, topic }) }

  /** A second press would not be sent. */
  isSent(key) { return this.#sent.has(key) }
  get late() { return [...this.#sent.values()].filter(({ isLate }) => isLate) }

  /**
   * True when the server took it. `act` is its name in a sentence: `Stop was not done.` On a stale page nothing is sent or kept
   * for later: a press belongs to what was on the screen. `onRefused(problem)` is true when it told the refusal itself.
   */
  async do(key, act, method, path, body, onRefused) {
    if (this.#sent.has(key) || this.app.live.isStale) return false
    const entry = { key, act, sentAt: this.app.live.now(), isLate: false }
    this.#sent.set(key, entry)
    this.app.forget(`refused ${key}`)
    this.app.invalidate()
    entry.timer = setTimeout(() => this.#check(entry), patience)
    try {
      const answer = await this.#answer(entry, method, path, body)
      entry.command = answer?.command
      if (!entry.command || this.#done.has(entry.command)) this.#end(entry)
      return true
    } catch (problem) {
      this.#end(entry)
      // Told now, it would be read as the answer to the newer press.
      const isReplaced = this.#sent.has(key)
      if (!isReplaced && !onRefused?.(problem)) this.app.refused(key, act, problem)
      return false
    }
  }

  // One key, so that the server acts once. It belongs to the press: a second Stop, after the first was taken back, would else get
  // the first one's answer and stop nothing.
  async #answer(entry, method, path, body) {
    const idempotencyKey = freshKey()
    for (;;) {
      try {
        return await send(method, path, body, idempotencyKey)
      } catch (problem) {
        if (!problem.isLost) throw problem
        await new Promise((resolve) => { setTimeout(resolve, asksAgainAfter) })
        // By then the page has told where the command stands, and must not act behind anybody's back.
        if (!this.#isCurrent(entry) || entry.isLate || this.app.live.isStale) throw problem
      }
    }
  }

  heard(frame) {
    if (frame.kind === 'snapshot') for (const entry of this.late) this.#giveUp(entry)
    if (!frame.command) return
    this.#done.add(frame.command)
    // A set keeps its order: the first is the oldest.
    if (this.#done.size > remembered) this.#done.delete(this.#done.values().next().value)
    for (const entry of this.#sent.values()) if (entry.command === frame.command) this.#end(entry)
  }

  // The whole state tells what became of it.
  #check(entry) {
    entry.isLate = true
    this.app.live.refresh(this.topic())
    this.app.invalidate()
  }

  #giveUp(entry) {
    this.#end(entry)
    this.app.notify({
      id: `refused ${entry.key}`, kind: 'info', icon: 'clock', sentence: `${entry.act} has had no answer yet.`,
      detail: 'The page now shows the latest state from the server. Press again only if it is still needed.'
    })
  }

  // False once the entry has ended, even when a newer press has taken its key.
  #isCurrent(entry) { return this.#sent.get(entry.key) === entry }

  #end(entry) {
    clearTimeout(entry.timer)
    if (this.#isCurrent(entry)) this.#sent.delete(entry.key)
    this.app.invalidate()
  }
}
