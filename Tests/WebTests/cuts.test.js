import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { Live } from '../../web/live.js'
import { FakeSocket, FakeTime } from './fakes.js'

globalThis.location = { protocol: 'http:', host: 'grid:8080' }
globalThis.WebSocket = FakeSocket

// A link that is cut 200 times, each time in another way and at another moment. What the page shows without saying that it is stale may
// never be older than this; and when the link is whole in the end, the page shows everything.
const oldest = 5000
const cuts = 200
const seeds = process.env.GRIDPILOT_SEED ? [Number(process.env.GRIDPILOT_SEED)] : [1, 2, 3]

/** Mulberry32. */
function generator(seed) {
  let state = seed
  return () => {
    state = (state + 0x6D2B79F5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296
  }
}

/** A server whose events are known with their times, and what lies between it and the page. */
class World {
  events = []
  /** `whole`; `hanging`: taken and not passed on; `lost`: not even that; `shut`: closed at once. */
  link = 'whole'
  #held = []
  #peers = new Map()
  #begun = 0
  #nextEvent = 0

  constructor(random) { this.random = random }

  get #now() { return performance.now() }

  step() {
    if (this.#now >= this.#nextEvent) {
      this.events.push({ seq: this.events.length + 1, at: this.#now })
      this.#nextEvent = this.#now + 200 + this.random() * 3000
      for (const peer of this.#peers.keys()) this.#bringUp(peer)
    }
    if (this.#now - this.#begun >= 2000) {
      this.#begun = this.#now
      for (const peer of this.#peers.keys()) this.#pass(peer, { kind: 'heartbeat', at: new Date(Date.now()).toISOString() })
    }
    this.#serve(FakeSocket.last)
  }

  cut(how) {
    // What is held by a link that is lost now never arrives.
    if (how !== 'hanging') this.#held = []
    if (how === 'shut') for (const peer of [...this.#peers.keys()]) { this.#peers.delete(peer); if (!peer.isDropped) peer.end() }
    if (how === 'lost') this.#peers.clear()
    this.link = how
  }

  mend() {
    this.link = 'whole'
    for (const [peer, frame] of this.#held.splice(0)) this.#pass(peer, frame)
  }

  #serve(socket) {
    if (socket.isDropped) return
    if (socket.readyState === FakeSocket.CONNECTING) {
      if (this.link === 'shut') return socket.end()
      if (this.link === 'lost') return
      this.#peers.set(socket, null)
      socket.welcome()
    }
    if (!this.#peers.has(socket) || this.link !== 'whole') return
    for (const { op, after, store } of socket.heard()) {
      if (op !== 'subscribe') continue
      if (after === undefined || store !== 'A') {
        this.#peers.set(socket, this.events.length)
        this.#pass(socket, { topic: 'run', kind: 'snapshot', seq: this.events.length, state: this.events.length, store: 'A' })
      } else {
        this.#peers.set(socket, after)
        this.#bringUp(socket)
      }
    }
  }

  #bringUp(peer) {
    const told = this.#peers.get(peer)
    if (told === null) return
    for (const { seq } of this.events.slice(told)) this.#pass(peer, { topic: 'run', kind: 'event', seq, previous: seq - 1, type: 'e' })
    this.#peers.set(peer, this.events.length)
  }

  #pass(peer, frame) {
    if (this.link === 'hanging') return this.#held.push([peer, frame])
    if (this.link === 'whole' && !peer.isDropped) peer.tell(frame)
  }
}

describe(`A link that is cut ${cuts} times`, () => {
  for (const seed of seeds) {
    test(`never shows old as live for more than ${oldest / 1000} s, and everything in the end (seed ${seed})`, async (context) => {
      const random = generator(seed)
      const time = new FakeTime(context)
      context.mock.method(Math, 'random', random)
      FakeSocket.all = []
      const world = new World(random)
      const live = new Live()
      const { topic } = live.watch('run', { fold: (state) => state + 1, changed: () => {} })
      live.connect()
      let [worst, staleTicks] = [0, 0]

      const pass = async (milliseconds) => {
        for (let passed = 0; passed < milliseconds; passed += 100) {
          await time.advance(100)
          world.step()
          if (live.isStale) staleTicks += 1
          if (live.isStale || topic.state === null) continue
          assert.equal(topic.state, topic.seq, 'Each event is folded once.')
          const missing = world.events[topic.seq]
          worst = Math.max(worst, missing ? performance.now() - missing.at : 0)
        }
      }

      for (let cut = 0; cut < cuts; cut += 1) {
        await pass(random() * 10_000)
        world.cut(['hanging', 'lost', 'shut'][Math.floor(random() * 3)])
        await pass(random() ** 2 * 30_000)
        world.mend()
      }
      await pass(40_000)

      assert.ok(worst <= oldest, `What happened ${worst} ms ago was not shown by a page that called itself live.`)
      assert.ok(staleTicks > 1000, 'The cuts were long enough to matter.')
      assert.deepEqual([live.isStale, topic.state], [false, world.events.length])
    })
  }
})
