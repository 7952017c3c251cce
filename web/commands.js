// Commands on their way: shown as sent, then as done, and never as done before the server says so.

import { send } from './api.js'

const patience = 5000

export class Commands {
  #app
  #topic
  #sent = new Map()
  #done = new Set()

  /** `topic` gives the live topic whose events carry the answers. */
  constructor(app, topic) {
    this.#app = app
    this.#topic = topic
  }

  isSent(key) { return this.#sent.has(key) }
  /** What has had no answer for 5 s. */
  get late() { return [...this.#sent.values()].filter(({ isLate }) => isLate) }

  /** Sends one command of a kind at a time; true when the server took it. `act` is its name in a sentence: `Stop was not done.` */
  async do(key, act, method, path, body, onRefused) {
    if (this.#sent.has(key) || this.#app.live.isStale) return false
    const entry = { key, act, sentAt: this.#app.live.now(), isLate: false }
    this.#sent.set(key, entry)
    this.#app.forget(`refused ${key}`)
    this.#app.invalidate()
    entry.timer = setTimeout(() => this.#check(entry), patience)
    try {
      const answer = await send(method, path, body)
      entry.command = answer?.command
      if (!entry.command || this.#done.has(entry.command)) this.#end(entry)
      return true
    } catch (problem) {
      this.#end(entry)
      if (!onRefused?.(problem)) this.#app.refused(key, act, problem)
      return false
    }
  }

  /** Hears every frame of the topic. */
  heard(frame) {
    if (frame.kind === 'snapshot') for (const entry of this.late) this.#giveUp(entry)
    if (!frame.command) return
    this.#done.add(frame.command)
    if (this.#done.size > 500) this.#done.delete(this.#done.values().next().value)
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
      id: `refused ${key}`, kind: 'info', icon: 'clock', sentence: `${act} had no answer yet.`,
      detail: 'What you see now is where the server stands.'
    })
  }

  #end(entry) {
    clearTimeout(entry.timer)
    this.#sent.delete(entry.key)
    this.#app.invalidate()
  }
}
