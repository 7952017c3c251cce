import { at } from './base.js'

// One socket for the page; `docs/push.md` describes every frame. After a cut a topic asks for what came after its last event; a
// gap or another store leads to a fresh snapshot: a state may be old, but the server really had it.

// The server speaks every 2 s, and the page must have turned grey when 5 s have passed.
const staleAfter = 4500
// Most cuts mend by themselves before.
const offlineAfter = 120_000
// Spares a server that starts again, and an operator in front of a grey page.
const longestWait = 15_000
// A session may be made, or a right be given, while its address is open already.
const asksAgainAfter = 10_000
// The server closes the socket so when a sign-in has ended.
const signedOut = 1008

/** Tells `link` when the link or its silence changed, `refused` when no connection opened or the sign-in ended. */
export class Live extends EventTarget {
  #socket = null
  #topics = new Map()
  // Milliseconds before the next try, doubled after each that failed.
  #wait = 500
  #retry = 0
  #staleTimer = 0
  // The server's clock less ours: laptops in a microscope room are often minutes off.
  #offset = 0
  // A restored backup counts from an earlier number, so its news would look old.
  #store
  // Silence must not change when the computer's time is set.
  #heardAt = performance.now()
  #triedAt = 0
  #lastServerTime = null
  /** Nothing on the page may then be taken for the present, and every command rests. */
  isStale = false

  /** Milliseconds since 1970 by the server's clock. */
  now() { return Date.now() + this.#offset }
  /** By the server's clock, in milliseconds; null before the first word. */
  get lastHeard() { return this.#lastServerTime }
  /** Seconds of silence. */
  get silence() { return (performance.now() - this.#heardAt) / 1000 }
  /** `live`, `wait` while reconnecting, `off` after two minutes. */
  get link() {
    if (!this.isStale) return this.#lastServerTime ? 'live' : 'wait'
    return this.silence * 1000 > offlineAfter ? 'off' : 'wait'
  }

  /** `fold(state, event)` gives the next state; `changed` hears of every frame. */
  watch(name, { fold, changed }) {
    let topic = this.#topics.get(name)
    if (!topic) {
      topic = { name, fold, state: null, seq: null, store: null, readings: {}, awaitsSnapshot: false, watchers: new Set() }
      this.#topics.set(name, topic)
      this.#subscribe(topic)
    }
    topic.watchers.add(changed)
    return { topic, close: () => this.#unwatch(topic, changed) }
  }

  // Until the whole state is there events are not folded: they may lie behind what is missing.
  refresh(topic) {
    // Its page may be gone: nobody would let go of the topic again.
    if (this.#topics.get(topic.name) !== topic) return
    topic.awaitsSnapshot = true
    this.#subscribe(topic)
  }

  connect() {
    clearTimeout(this.#retry)
    this.#drop()
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(`${scheme}//${location.host}${at('/push')}`, 'gridpilot.v1')
    this.#socket = socket
    this.#triedAt = performance.now()
    let wasOpen = false
    // A proxy can accept a socket whose server hangs, so only a frame ends the stale state.
    socket.onopen = () => { wasOpen = true; for (const topic of this.#topics.values()) this.#subscribe(topic) }
    socket.onmessage = ({ data }) => this.#heard(JSON.parse(data))
    socket.onclose = ({ code }) => this.#closed(socket, wasOpen && code !== signedOut)
    // Trying is not hearing: a timer that runs stays as it is.
    if (!this.#staleTimer) this.#armStale()
  }

  get #isOpen() { return this.#socket?.readyState === WebSocket.OPEN }

  // Without a link it waits for one.
  #subscribe(topic) {
    if (!this.#isOpen) return
    const returns = topic.seq !== null && !topic.awaitsSnapshot
    if (!returns) topic.awaitsSnapshot = true
    const place = returns && { after: topic.seq, ...(topic.store && { store: topic.store }) }
    this.#send({ op: 'subscribe', topic: topic.name, ...place })
  }

  #unwatch(topic, changed) {
    topic.watchers.delete(changed)
    if (topic.watchers.size) return
    this.#topics.delete(topic.name)
    this.#send({ op: 'unsubscribe', topic: topic.name })
  }

  #send(frame) { if (this.#isOpen) this.#socket.send(JSON.stringify(frame)) }

  // Any frame is a sign of life, but a snapshot says nothing of the engine: a grey page waits for the next heartbeat.
  #heard(frame) {
    if (this.isStale && frame.kind === 'snapshot') return this.#deliver(this.#topics.get(frame.topic), frame)
    this.#heardAt = performance.now()
    this.#wait = 500
    if (frame.kind === 'heartbeat') this.#offset = Date.parse(frame.at) - Date.now()
    this.#lastServerTime = this.now()
    this.#armStale()
    if (this.isStale) this.#setStale(false)
    const topic = this.#topics.get(frame.topic)
    if (topic) this.#deliver(topic, frame)
    else if (frame.kind === 'heartbeat') this.#tell()
  }

  // Unknown kinds are passed over: a newer server may say more.
  #deliver(topic, frame) {
    if (!topic) return
    switch (frame.kind) {
      case 'snapshot': this.#snapshot(topic, frame); break
      case 'event': if (!this.#event(topic, frame)) return; break
      case 'reading': topic.readings[frame.type] = { at: frame.at, data: frame.data }; break
      case 'problem': this.#refused(topic, frame); break
      default: return
    }
    for (const changed of topic.watchers) changed(topic, frame)
  }

  // Another store's name means another database: what counts in the old one is asked for anew.
  #snapshot(topic, frame) {
    Object.assign(topic, { state: frame.state, seq: frame.seq, store: frame.store ?? null, awaitsSnapshot: false, problem: null })
    if (!frame.store || frame.store === this.#store) return
    const isAnother = this.#store !== undefined
    this.#store = frame.store
    if (!isAnother) return
    for (const other of this.#topics.values()) if (other.store && other.store !== frame.store) this.refresh(other)
  }

  // Nothing of the topic is shown as current. It is asked for again, since the cause may pass.
  #refused(topic, frame) {
    Object.assign(topic, { problem: frame, state: null, seq: null, readings: {} })
    setTimeout(() => { if (topic.problem === frame) this.refresh(topic) }, asksAgainAfter)
  }

  // False when the event is not to be folded: seen before, or behind a gap.
  #event(topic, frame) {
    if (topic.awaitsSnapshot || topic.seq === null || frame.seq <= topic.seq) return false
    // `seq` counts over all topics; only `previous` tells whether one of ours is missing.
    if (frame.previous !== topic.seq) {
      this.refresh(topic)
      return false
    }
    Object.assign(topic, { seq: frame.seq, state: topic.fold(topic.state, frame) })
    return true
  }

  // By each frame, and by the silence itself, so that the link is looked at again and again.
  #armStale() {
    clearTimeout(this.#staleTimer)
    this.#staleTimer = setTimeout(() => this.#fellSilent(), staleAfter)
  }

  // A silent link may be half open: only a new one can tell.
  #fellSilent() {
    this.#armStale()
    this.#setStale(true)
    const isTrying = this.#socket?.readyState === WebSocket.CONNECTING && performance.now() - this.#triedAt < longestWait
    if (!isTrying && this.#socket) this.connect()
  }

  // A random wait: after a restart fifty pages must not come at once. A socket does not say why it was refused.
  #closed(socket, wasWelcome) {
    if (socket !== this.#socket) return
    this.#socket = null
    this.#retry = setTimeout(() => this.connect(), this.#wait * (0.75 + Math.random() / 2))
    this.#wait = Math.min(this.#wait * 2, longestWait)
    if (!wasWelcome) this.dispatchEvent(new Event('refused'))
  }

  // What an old socket still says would be folded beside the new one's.
  #drop() {
    const socket = this.#socket
    this.#socket = null
    if (!socket) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }

  #setStale(isStale) {
    this.isStale = isStale
    this.#tell()
  }

  #tell() { this.dispatchEvent(new Event('link')) }
}
