import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'

import { Live } from '../../web/live.js'
import { FakeSocket, FakeTime } from './fakes.js'

globalThis.location = { protocol: 'http:', host: 'grid:8080' }
globalThis.WebSocket = FakeSocket

let time, live, told, heard

/** A page that watches `run`, whose state is the list of what was folded. */
const watch = (name = 'run') => live.watch(name, {
  fold: (state, { type }) => [...state, type], changed: (topic, frame) => heard.push(frame.kind),
})
const event = (seq, previous, type = `e${seq}`, topic = 'run') => ({ topic, kind: 'event', seq, previous, type })
const snapshot = (seq, state = [], topic = 'run', store = 'A') => ({ topic, kind: 'snapshot', seq, state, store })
const heartbeat = () => ({ kind: 'heartbeat', at: new Date(Date.now()).toISOString() })
const subscribe = (place = {}, topic = 'run') => ({ op: 'subscribe', topic, ...place })

function begin(context) {
  time = new FakeTime(context)
  context.mock.method(Math, 'random', () => 0.5)
  FakeSocket.all = []
  told = []
  heard = []
  live = new Live()
  for (const name of ['link', 'refused']) live.addEventListener(name, () => told.push(name))
  live.connect()
}

/** A link that is open and has brought the state up to event 3. */
function settle() {
  const { topic, close } = watch()
  FakeSocket.last.welcome()
  FakeSocket.last.tell(snapshot(3, ['e3']))
  FakeSocket.last.heard()
  heard = []
  return { topic, close }
}

async function cut() {
  FakeSocket.last.end()
  await time.advance(500)
  FakeSocket.last.welcome()
}

describe('A topic', () => {
  beforeEach(begin)

  test('is asked for whole, then folds what comes and tells its watchers', () => {
    const { topic } = watch()
    assert.deepEqual([FakeSocket.last.address, FakeSocket.last.protocol], ['ws://grid:8080/push', 'gridpilot.v1'])
    FakeSocket.last.welcome()
    assert.deepEqual(FakeSocket.last.heard(), [subscribe()])
    FakeSocket.last.tell(snapshot(3, ['e3']), event(5, 3), event(6, 5))
    assert.deepEqual(topic.state, ['e3', 'e5', 'e6'])
    assert.deepEqual(heard, ['snapshot', 'event', 'event'])
  })

  test('folds nothing before its whole state has come', () => {
    const { topic } = watch()
    FakeSocket.last.welcome()
    FakeSocket.last.tell(event(1, 0))
    assert.equal(topic.state, null)
    assert.deepEqual(heard, [])
  })

  test('that nobody watches any more is not asked for again', () => {
    const { topic, close } = settle()
    close()
    FakeSocket.last.heard()
    live.refresh(topic)
    assert.deepEqual(FakeSocket.last.heard(), [])
  })

  test('folds an event that comes twice once', () => {
    const { topic } = settle()
    FakeSocket.last.tell(event(5, 3), event(5, 3), event(3, 0))
    assert.deepEqual(topic.state, ['e3', 'e5'])
    assert.deepEqual(heard, ['event'])
  })

  test('asks for the whole state at a gap, and folds nothing until it is there', () => {
    const { topic } = settle()
    FakeSocket.last.tell(event(7, 6), event(8, 7))
    assert.deepEqual(FakeSocket.last.heard(), [subscribe()])
    assert.deepEqual(topic.state, ['e3'])
    FakeSocket.last.tell(snapshot(8, ['e3', 'e6', 'e7', 'e8']), event(9, 8))
    assert.deepEqual(topic.state, ['e3', 'e6', 'e7', 'e8', 'e9'])
  })

  test('asks after a cut for what came since, and folds what it had already only once', async () => {
    const { topic } = settle()
    await cut()
    assert.deepEqual(FakeSocket.last.heard(), [subscribe({ after: 3, store: 'A' })])
    FakeSocket.last.tell(event(3, 0), event(4, 3))
    assert.deepEqual(topic.state, ['e3', 'e4'])
  })

  test('asks whole after a cut that came between a gap and its mending', async () => {
    settle()
    FakeSocket.last.tell(event(7, 6))
    await cut()
    assert.deepEqual(FakeSocket.last.heard(), [subscribe()])
  })

  test('is asked for whole again when another topic shows that the store is another', () => {
    settle()
    watch('facility')
    FakeSocket.last.heard()
    FakeSocket.last.tell(snapshot(1, [], 'facility', 'B'))
    assert.deepEqual(FakeSocket.last.heard(), [subscribe()])
  })

  test('is not asked for again by the snapshot of the same store', () => {
    settle()
    watch('facility')
    FakeSocket.last.heard()
    FakeSocket.last.tell(snapshot(1, [], 'facility', 'A'))
    assert.deepEqual(FakeSocket.last.heard(), [])
  })

  test('keeps the latest reading of each type beside its state', () => {
    const { topic } = settle()
    const reading = (data) => ({ topic: 'run', kind: 'reading', type: 'disk', at: 'now', data })
    FakeSocket.last.tell(reading(1), reading(2))
    assert.deepEqual([topic.readings.disk.data, topic.state], [2, ['e3']])
  })

  test('shows nothing as current that the server has let go of, and asks again after 10 s', async () => {
    const { topic } = settle()
    FakeSocket.last.tell({ topic: 'run', kind: 'problem', sentence: 'Not for you.' })
    assert.deepEqual([topic.state, topic.problem.sentence], [null, 'Not for you.'])
    for (let second = 0; second < 9; second += 1) { await time.advance(1000); FakeSocket.last.tell(heartbeat()) }
    assert.deepEqual(FakeSocket.last.heard(), [])
    await time.advance(1000)
    assert.deepEqual(FakeSocket.last.heard(), [subscribe()])
    FakeSocket.last.tell(snapshot(9, ['e9']))
    assert.deepEqual([topic.state, topic.problem], [['e9'], null])
  })

  test('is shared by its watchers and let go with the last of them', () => {
    const first = settle()
    const second = watch()
    assert.equal(second.topic, first.topic)
    first.close()
    assert.deepEqual(FakeSocket.last.heard(), [])
    second.close()
    assert.deepEqual(FakeSocket.last.heard(), [{ op: 'unsubscribe', topic: 'run' }])
    FakeSocket.last.tell(event(4, 3))
    assert.deepEqual(first.topic.state, ['e3'])
  })
})

describe('The link', () => {
  beforeEach(begin)

  test('is stale after 4.5 s of silence, is made anew, and lives again with the first word', async () => {
    settle()
    const silent = FakeSocket.last
    await time.advance(4499)
    assert.deepEqual([live.isStale, live.link], [false, 'live'])
    await time.advance(1)
    assert.deepEqual([live.isStale, live.link, silent.isDropped], [true, 'wait', true])
    assert.notEqual(FakeSocket.last, silent)
    FakeSocket.last.welcome()
    assert.equal(live.isStale, true)
    FakeSocket.last.tell(heartbeat())
    assert.deepEqual([live.isStale, live.link], [false, 'live'])
  })

  test('is no less silent for being tried again', async () => {
    settle()
    await time.advance(4000)
    live.connect()
    await time.advance(500)
    assert.equal(live.isStale, true)
  })

  test('hears nothing more from a connection that it has dropped', async () => {
    const { topic } = settle()
    const silent = FakeSocket.last
    await time.advance(4500)
    silent.tell(event(4, 3))
    silent.end()
    assert.deepEqual([topic.state, live.isStale], [['e3'], true])
    const number = FakeSocket.all.length
    await time.advance(2000)
    assert.equal(FakeSocket.all.length, number)
  })

  test('leaves a try that is not yet answered 15 s before it tries again', async () => {
    settle()
    await time.advance(4500)
    const tries = FakeSocket.all.length
    await time.advance(13_500)
    assert.equal(FakeSocket.all.length, tries)
    await time.advance(4500)
    assert.equal(FakeSocket.all.length, tries + 1)
  })

  test('is kept alive by heartbeats alone', async () => {
    settle()
    for (let beat = 0; beat < 20; beat += 1) {
      await time.advance(2000)
      FakeSocket.last.tell(heartbeat())
    }
    assert.deepEqual([live.isStale, FakeSocket.all.length], [false, 1])
  })

  test('counts as off after two minutes of silence', async () => {
    settle()
    await time.advance(120_000)
    assert.equal(live.link, 'wait')
    await time.advance(1)
    assert.equal(live.link, 'off')
  })

  test('waits twice as long before each try, 15 s at most, and begins anew once something is heard', async () => {
    const waited = async (milliseconds) => {
      const tries = FakeSocket.all.length
      FakeSocket.last.end()
      await time.advance(milliseconds - 1)
      const early = FakeSocket.all.length - tries
      await time.advance(1)
      return [early, FakeSocket.all.length - tries]
    }
    for (const milliseconds of [500, 1000, 2000, 4000, 8000, 15_000, 15_000]) {
      assert.deepEqual(await waited(milliseconds), [0, 1], `${milliseconds}`)
    }
    FakeSocket.last.welcome()
    FakeSocket.last.tell(heartbeat())
    assert.deepEqual(await waited(500), [0, 1])
  })

  test('tells when it was refused or the sign-in ended, and not when it was cut', async () => {
    settle()
    FakeSocket.last.end(1006)
    assert.deepEqual(told.filter((name) => name === 'refused'), [])
    await time.advance(500)
    FakeSocket.last.end(1006)
    assert.deepEqual(told.filter((name) => name === 'refused'), ['refused'])
    await time.advance(1000)
    FakeSocket.last.welcome()
    FakeSocket.last.end(1008)
    assert.deepEqual(told.filter((name) => name === 'refused'), ['refused', 'refused'])
  })

  test('tells the time by the clock of the server', () => {
    settle()
    FakeSocket.last.tell({ kind: 'heartbeat', at: new Date(Date.now() + 3_600_000).toISOString() })
    assert.equal(live.now(), Date.now() + 3_600_000)
    assert.equal(live.lastHeard, Date.now() + 3_600_000)
  })
})
