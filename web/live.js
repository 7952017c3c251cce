// One socket for the page: subscriptions, numbers, heartbeat, return.
//
// Every topic keeps the number of the last event it has seen. After a cut the page asks for what came after it; an event whose
// `previous` is another number shows a gap, and a snapshot from another store shows that the numbers mean nothing any more: both
// lead to a fresh snapshot.

// The server speaks every 2 s. The page has turned grey when 5 s have passed, so it begins a little before.
const staleAfter = 4500
const offlineAfter = 120_000
const longestWait = 15_000
const asksAgainAfter = 10_000
// The server closes so when a sign-in has ended.
const signedOut = 1008

/** Tells `link` when the link or its silence changed, `refused` when a connection could not be opened or the sign-in ended. */
export class Live extends EventTarget {
  #socket = null
  #topics = new Map()
  #wait = 500
  #retry = 0
  #staleTimer = 0
  #offset = 0
  #store
  #heardAt = performance.now()
  #triedAt = 0
  #lastServerTime = null
  isStale = false

  /** Milliseconds since 1970 by the server's clock. */
  now() { return Date.now() + this.#offset }
  /** When the server last spoke, by its own clock, in milliseconds; null before the first word. */
  get lastHeard() { return this.#lastServerTime }
  /** Seconds of silence. */
  get silence() { return (performance.now() - this.#heardAt) / 1000 }
  /** `live`, `wait` while reconnecting, `off` after two minutes. */
  get link() {
    if (!this.isStale) return this.#lastServerTime ? 'live' : 'wait'
    return this.silence * 1000 > offlineAfter ? 'off' : 'wait'
  }

  /** Watches a topic until the returned function is called. `fold(state, event)` gives the next state; `changed` hears of every change. */
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

  /** Asks for the whole state again. */
  refresh(topic) {
    topic.awaitsSnapshot = true
    this.#subscribe(topic)
  }

  /** Connects now, whatever the waiting time. */
  connect() {
    clearTimeout(this.#retry)
    this.#drop()
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(`${scheme}//${location.host}/push`, 'gridpilot.v1')
    this.#socket = socket
    this.#triedAt = performance.now()
    let wasOpen = false
    socket.onopen = () => { wasOpen = true; this.#opened() }
    socket.onmessage = ({ data }) => this.#heard(JSON.parse(data))
    socket.onclose = ({ code }) => this.#closed(socket, wasOpen && code !== signedOut)
    // Trying is not hearing: what is armed already stays as it is.
    if (!this.#staleTimer) this.#armStale()
  }

  #opened() {
    for (const topic of this.#topics.values()) this.#subscribe(topic)
  }

  #subscribe(topic) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return
    const returns = topic.seq !== null && !topic.awaitsSnapshot
    if (!returns) topic.awaitsSnapshot = true
    const place = returns ? { after: topic.seq, ...(topic.store ? { store: topic.store } : {}) } : {}
    this.#send({ op: 'subscribe', topic: topic.name, ...place })
  }

  #unwatch(topic, changed) {
    topic.watchers.delete(changed)
    if (topic.watchers.size) return
    this.#topics.delete(topic.name)
    this.#send({ op: 'unsubscribe', topic: topic.name })
  }

  #send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame))
  }

  #heard(frame) {
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

  #deliver(topic, frame) {
    switch (frame.kind) {
      case 'snapshot': this.#snapshot(topic, frame); break
      case 'event': if (!this.#event(topic, frame)) return; break
      case 'reading': topic.readings[frame.type] = { at: frame.at, data: frame.data }; break
      case 'problem': this.#refused(topic, frame); break
      default: return
    }
    for (const changed of topic.watchers) changed(topic, frame)
  }

  #snapshot(topic, frame) {
    Object.assign(topic, { state: frame.state, seq: frame.seq, store: frame.store ?? null, awaitsSnapshot: false, problem: null })
    if (!frame.store || frame.store === this.#store) return
    const isAnother = this.#store !== undefined
    this.#store = frame.store
    if (!isAnother) return
    for (const other of this.#topics.values()) if (other.store && other.store !== frame.store) this.refresh(other)
  }

  /** The server has let go of the topic: nothing of it is shown as if it were current. It is asked for again, for what may pass. */
  #refused(topic, frame) {
    Object.assign(topic, { problem: frame, state: null, seq: null, readings: {} })
    setTimeout(
      () => { if (topic.problem === frame && this.#topics.get(topic.name) === topic) this.refresh(topic) }, asksAgainAfter
    )
  }

  /** False when the event is not to be folded: seen before, or behind a gap. */
  #event(topic, frame) {
    if (topic.awaitsSnapshot || topic.seq === null || frame.seq <= topic.seq) return false
    if (frame.previous !== topic.seq) {
      this.refresh(topic)
      return false
    }
    topic.seq = frame.seq
    topic.state = topic.fold(topic.state, frame)
    return true
  }

  #armStale() {
    clearTimeout(this.#staleTimer)
    this.#staleTimer = setTimeout(() => this.#fellSilent(), staleAfter)
  }

  /** A silent link may be half open: a new one is the only way to know. */
  #fellSilent() {
    this.#armStale()
    this.#setStale(true)
    const isTrying = this.#socket?.readyState === WebSocket.CONNECTING && performance.now() - this.#triedAt < longestWait
    if (!isTrying && this.#socket) this.connect()
  }

  #closed(socket, wasWelcome) {
    if (socket !== this.#socket) return
    this.#socket = null
    this.#retry = setTimeout(() => this.connect(), this.#wait * (0.75 + Math.random() / 2))
    this.#wait = Math.min(this.#wait * 2, longestWait)
    if (!wasWelcome) this.dispatchEvent(new Event('refused'))
  }

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
