// What the pages find in a browser and these tests do not have: time that moves only when told, sockets, answers.

import { webcrypto } from 'node:crypto'

// Debian's node 18 keeps it away from modules; every browser has it.
globalThis.crypto ??= webcrypto

/** Lets everything run that waits for nothing but a promise. */
export const settled = () => new Promise(setImmediate)

/**
 * Timers and clocks that stand still until `advance`; undone with the test.
 * Not `mock.timers`: in node 18 it removes another timer when a timer is cleared twice, and it knows no clock.
 */
export class FakeTime {
  #now = Date.parse('2026-11-22T20:00:00.000Z')
  #timers = new Map()
  #last = 0

  constructor(test) {
    const start = this.#now
    test.mock.method(Date, 'now', () => this.#now)
    test.mock.method(performance, 'now', () => this.#now - start)
    test.mock.method(globalThis, 'setTimeout', (run, wait = 0) => this.#add(run, wait))
    test.mock.method(globalThis, 'clearTimeout', (id) => { this.#timers.delete(id) })
  }

  #add(run, wait) {
    this.#last += 1
    this.#timers.set(this.#last, { at: this.#now + wait, run })
    return this.#last
  }

  /** Goes from timer to timer, so that each sees the moment it was set for. */
  async advance(milliseconds) {
    const end = this.#now + milliseconds
    await settled()
    for (let due = this.#due(end); due; due = this.#due(end)) {
      const [id, { at, run }] = due
      this.#timers.delete(id)
      this.#now = at
      run()
      await settled()
    }
    this.#now = end
  }

  #due(end) {
    return [...this.#timers].filter(([, { at }]) => at <= end).sort(([, left], [, right]) => left.at - right.at)[0]
  }
}

/** A socket whose other end is the test. */
export class FakeSocket {
  static CONNECTING = 0
  static OPEN = 1
  static all = []
  /** The newest one. */
  static get last() { return FakeSocket.all.at(-1) }

  readyState = FakeSocket.CONNECTING
  isDropped = false
  said = []

  constructor(address, protocol) {
    Object.assign(this, { address, protocol })
    FakeSocket.all.push(this)
  }

  /** What the page says and does. */
  send(text) { this.said.push(JSON.parse(text)) }
  close() { this.readyState = 3; this.isDropped = true }

  /** What the server says and does. */
  welcome() { this.readyState = FakeSocket.OPEN; this.onopen?.({}) }
  tell(...frames) { for (const frame of frames) this.onmessage?.({ data: JSON.stringify(frame) }) }
  end(code = 1006) { this.readyState = 3; this.onclose?.({ code }) }

  /** Everything said since it was last asked for. */
  heard() { return this.said.splice(0) }
}

/** Stands for `fetch`: every request waits until the test answers it. */
export class FakeServer {
  requests = []

  constructor(test) {
    test.mock.method(globalThis, 'fetch', (path, options) => new Promise((resolve, reject) => {
      this.requests.push({
        path, method: options.method, signal: options.signal,
        body: options.body && JSON.parse(options.body), key: options.headers['Idempotency-Key'],
        answer: (status, body) => resolve(reply(status, () => (typeof body === 'string' ? body : JSON.stringify(body)))),
        lose: () => reject(new TypeError('fetch failed')),
        breakOff: (status) => resolve(reply(status, () => { throw new TypeError('terminated') })),
      })
    }))
  }

  get last() { return this.requests.at(-1) }
}

const reply = (status, text) => ({ status, ok: status >= 200 && status < 300, text: async () => text() })
