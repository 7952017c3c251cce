// Commands on their way: shown as sent, then as done, and never as done before the server says so.
//
// The server's answer to a command says only that it was accepted, and under which id. The event that carries this id says that it
// was done, to this page and to every other at the same moment. Between the two the button shows that it was pressed. What comes
// late, twice or not at all is the rule here and not the exception, so a press ends in one of four ways:
//
//   done      the event came, before or after the answer
//   refused   the server said no, in words
//   lost      no answer within `patience`, although it was asked for again: nobody can tell
//   given up  an answer perhaps, but no event within `patience`; then the whole state was fetched, and the operator judges

import { freshKey, send, session as sessionPath } from './api.js'

const patience = 5000
const asksAgainAfter = 1000
// Far more than can be on their way at once.
const remembered = 500

/**
 * One edit of the queue, all or nothing, made on the version of the list that this page shows: of two people who move rows at once,
 * one is refused instead of undoing the other unseen. True when the server took it.
 */
export const editQueue = (commands, app, topic, act, changes) => commands.do(
  'queue', act, 'POST', `${sessionPath(topic.state.session.id)}/queue`, { version: topic.state.queue.version, ...changes }, (problem) => {
    // Nothing that the operator did wrong: the page fetches the new list, and the press has to be made again by someone who has
    // seen it.
    if (problem.code !== 'queue.changed') return false
    app.live.refresh(topic)
    app.notify({
      id: 'refused queue', kind: 'warn', icon: 'info', sentence: `${act} was not done.`,
      detail: 'The queue changed in the meantime. Look at it and try again.'
    })
    return true
  })

export class Commands {
  #app
  #topic
  #sent = new Map()
  // Ids of commands whose events have come: an event often overtakes the answer that tells its id.
  #done = new Set()

  /** `topic` gives the live topic whose events carry the answers. */
  constructor(app, topic) {
    this.#app = app
    this.#topic = topic
  }

  /** True from the press until the command has ended in any way. A second press would not be sent. */
  isSent(key) { return this.#sent.has(key) }
  /** What has had no answer for 5 s. */
  get late() { return [...this.#sent.values()].filter(({ isLate }) => isLate) }

  /**
   * Sends one command of a kind at a time; true when the server took it. `act` is its name in a sentence: `Stop was not done.`
   *
   * While the page is stale nothing is sent, and nothing is kept for later: a press belongs to what was on the screen.
   * `onRefused(problem)` may tell a refusal in its own way; it then returns true.
   */
  async do(key, act, method, path, body, onRefused) {
    if (this.#sent.has(key) || this.#app.live.isStale) return false
    const entry = { key, act, sentAt: this.#app.live.now(), isLate: false }
    this.#sent.set(key, entry)
    this.#app.forget(`refused ${key}`)
    this.#app.invalidate()
    entry.timer = setTimeout(() => this.#check(entry), patience)
    try {
      const answer = await this.#answer(entry, method, path, body)
      entry.command = answer?.command
      if (!entry.command || this.#done.has(entry.command)) this.#end(entry)
      return true
    } catch (problem) {
      this.#end(entry)
      // Told now, it would be read as the answer to the newer press, which is still on its way.
      const isReplaced = this.#sent.has(key)
      if (!isReplaced && !onRefused?.(problem)) this.#app.refused(key, act, problem)
      return false
    }
  }

  /**
   * The answer to one press, asked for until it comes, under one key: the server acts once, however often it is asked.
   * The key goes with the press and not with the kind of command. Under the same key a second Stop, pressed after somebody had
   * taken the first one back, would get the first one's answer and stop nothing.
   */
  async #answer(entry, method, path, body) {
    const idempotencyKey = freshKey()
    for (;;) {
      try {
        return await send(method, path, body, idempotencyKey)
      } catch (problem) {
        if (!problem.isLost) throw problem
        await new Promise((resolve) => { setTimeout(resolve, asksAgainAfter) })
        // After that the page has told the operator where the command stands, and must not act behind their back.
        if (!this.#isCurrent(entry) || entry.isLate || this.#app.live.isStale) throw problem
      }
    }
  }

  /** Hears every frame of the topic. */
  heard(frame) {
    if (frame.kind === 'snapshot') for (const entry of this.late) this.#giveUp(entry)
    if (!frame.command) return
    this.#done.add(frame.command)
    // A set keeps the order in which it was filled: the first is the oldest.
    if (this.#done.size > remembered) this.#done.delete(this.#done.values().next().value)
    for (const entry of this.#sent.values()) if (entry.command === frame.command) this.#end(entry)
  }

  /** No answer yet: the whole state tells what became of it. */
  #check(entry) {
    entry.isLate = true
    this.#app.live.refresh(this.#topic())
    this.#app.invalidate()
  }

  /** The state is fresh; whether the command led to it, nobody has said. */
  #giveUp(entry) {
    const { key, act } = entry
    this.#end(entry)
    this.#app.notify({
      id: `refused ${key}`, kind: 'info', icon: 'clock', sentence: `${act} has had no answer yet.`,
      detail: 'The page now shows the latest state from the server. Press again only if it is still needed.'
    })
  }

  /** False once the entry has ended, even when a newer press has taken its key. */
  #isCurrent(entry) { return this.#sent.get(entry.key) === entry }

  #end(entry) {
    clearTimeout(entry.timer)
    if (this.#isCurrent(entry)) this.#sent.delete(entry.key)
    this.#app.invalidate()
  }
}
