import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'

import { Commands } from '../../web/commands.js'
import { FakeServer, FakeTime, settled } from './fakes.js'

let time, server, app, commands, topic

/** The few verbs of the page that commands use, noted. */
class FakeApp {
  notices = new Map()
  refusals = []
  refreshed = []
  live = { isStale: false, now: () => Date.now(), refresh: (each) => this.refreshed.push(each) }
  invalidate() {}
  forget(id) { this.notices.delete(id) }
  notify(notice) { this.notices.set(notice.id, notice) }
  refused(key, act, problem) { this.refusals.push({ key, act, problem }) }
}

const stop = (onRefused) => commands.do('stop', 'Stop', 'POST', '/api/sessions/s1/stop', {}, onRefused)
const taken = { command: 'c1' }
const refusal = { code: 'run.notRunning', sentence: 'The session is not running.', remedy: 'Start it first.' }
const told = (command) => commands.heard({ kind: 'event', type: 'stopReceived', command })

describe('A command on its way', () => {
  beforeEach((context) => {
    time = new FakeTime(context)
    server = new FakeServer(context)
    app = new FakeApp()
    topic = { name: 'session/s1' }
    commands = new Commands(app, () => topic)
  })

  test('counts as sent until the event of its own command comes', async () => {
    const answer = stop()
    server.last.answer(202, taken)
    assert.equal(await answer, true)
    assert.equal(commands.isSent('stop'), true)
    told('another')
    assert.equal(commands.isSent('stop'), true)
    told('c1')
    assert.equal(commands.isSent('stop'), false)
  })

  test('is over when its event was quicker than its answer', async () => {
    const answer = stop()
    told('c1')
    assert.equal(commands.isSent('stop'), true)
    server.last.answer(202, taken)
    await answer
    assert.equal(commands.isSent('stop'), false)
  })

  test('is sent once, however often its button is pressed meanwhile', async () => {
    stop()
    assert.equal(await stop(), false)
    assert.equal(server.requests.length, 1)
  })

  test('does not hold up a command of another kind', async () => {
    stop()
    commands.do('queue', 'Skip', 'POST', '/api/sessions/s1/queue', { skip: ['h1'] })
    assert.deepEqual(server.requests.map(({ path }) => path), ['/api/sessions/s1/stop', '/api/sessions/s1/queue'])
  })

  test('is not sent while the page is stale', async () => {
    app.live.isStale = true
    assert.equal(await stop(), false)
    assert.equal(server.requests.length, 0)
  })

  test('that is refused is told with its name and the reason, and can be sent again', async () => {
    const answer = stop()
    server.last.answer(409, refusal)
    assert.equal(await answer, false)
    const [{ key, act, problem }] = app.refusals
    assert.deepEqual([key, act, problem.code, problem.status], ['stop', 'Stop', 'run.notRunning', 409])
    stop()
    assert.equal(server.requests.length, 2)
  })

  test('that is refused is told by whoever sent it, if they say so', async () => {
    const answer = stop((problem) => problem.code === 'run.notRunning')
    server.last.answer(409, refusal)
    await answer
    assert.deepEqual(app.refusals, [])
  })

  test('asks for the whole state after 5 s without its event', async () => {
    stop()
    server.last.answer(202, taken)
    await time.advance(4999)
    assert.deepEqual([commands.late.length, app.refreshed.length], [0, 0])
    await time.advance(1)
    assert.deepEqual(commands.late.map(({ act }) => act), ['Stop'])
    assert.deepEqual(app.refreshed, [topic])
  })

  test('is given up, and said to be, when the whole state has come without its event', async () => {
    stop()
    server.last.answer(202, taken)
    await time.advance(5000)
    commands.heard({ kind: 'snapshot' })
    assert.equal(commands.isSent('stop'), false)
    assert.equal(app.notices.get('refused stop').sentence, 'Stop has had no answer yet.')
  })

  test('is not given up by a whole state that came for another reason', async () => {
    stop()
    await time.advance(1000)
    commands.heard({ kind: 'snapshot' })
    assert.equal(commands.isSent('stop'), true)
  })
})

describe('A command that was given up', () => {
  let first
  beforeEach(async (context) => {
    time = new FakeTime(context)
    server = new FakeServer(context)
    app = new FakeApp()
    commands = new Commands(app, () => topic)
    first = stop()
    await time.advance(5000)
    commands.heard({ kind: 'snapshot' })
  })

  test('leaves a newer one of its kind alone when its answer comes after all', async () => {
    stop()
    told('c1')
    server.requests[0].answer(202, taken)
    await first
    assert.equal(commands.isSent('stop'), true)
  })

  test('leaves the patience with a newer one as it is', async () => {
    stop()
    server.requests[0].answer(409, refusal)
    await first
    await time.advance(5000)
    assert.equal(commands.late.length, 1)
  })

  test('is not said to be refused while a newer one of its kind is on its way', async () => {
    stop()
    server.requests[0].answer(409, refusal)
    assert.equal(await first, false)
    assert.deepEqual(app.refusals, [])
  })

  test('is still said to be refused when nothing has taken its place', async () => {
    server.requests[0].answer(409, refusal)
    await first
    assert.equal(app.refusals.length, 1)
  })

  test('is not sent again when its answer is lost', async () => {
    server.requests[0].lose()
    await time.advance(10_000)
    assert.equal(server.requests.length, 1)
  })
})

describe('A command whose answer is lost', () => {
  beforeEach((context) => {
    time = new FakeTime(context)
    server = new FakeServer(context)
    app = new FakeApp()
    commands = new Commands(app, () => topic)
  })

  test('is sent again under the same key, and its second answer counts', async () => {
    const answer = stop()
    server.last.lose()
    await time.advance(1000)
    assert.equal(server.requests.length, 2)
    const [one, two] = server.requests
    assert.match(one.key, /^[0-9a-f]{32}$/)
    assert.deepEqual([two.key, two.path, two.body], [one.key, one.path, one.body])
    two.answer(202, taken)
    assert.equal(await answer, true)
    told('c1')
    assert.equal(commands.isSent('stop'), false)
    assert.deepEqual(app.refusals, [])
  })

  test('is sent again when the answer breaks off in the middle', async () => {
    stop()
    server.last.breakOff(202)
    await time.advance(1000)
    assert.equal(server.requests.length, 2)
  })

  test('is sent again when a proxy answers in the place of the server', async () => {
    stop()
    server.last.answer(502, '<h1>Bad Gateway</h1>')
    await time.advance(1000)
    assert.equal(server.requests.length, 2)
  })

  test('is not sent again when the server itself says that it could not', async () => {
    const answer = stop()
    server.last.answer(503, { code: 'store.unavailable', sentence: 'The store cannot write.', remedy: 'Free space.' })
    assert.equal(await answer, false)
    await time.advance(4000)
    assert.equal(server.requests.length, 1)
    assert.equal(app.refusals[0].problem.isLost, false)
  })

  test('is told as lost, not as refused, when 5 s have brought no answer', async () => {
    const answer = stop()
    for (let second = 0; second < 10; second += 1) {
      server.last.lose()
      await time.advance(1000)
    }
    assert.equal(await answer, false)
    assert.equal(app.refusals[0].problem.isLost, true)
    assert.equal(server.requests.length, 5)
    assert.equal(commands.isSent('stop'), false)
  })

  test('is not sent again once the page is stale: what was pressed then is not kept for later', async () => {
    const answer = stop()
    server.last.lose()
    app.live.isStale = true
    await time.advance(1000)
    assert.equal(await answer, false)
    assert.equal(server.requests.length, 1)
  })

  test('has a key of its own for each press', async () => {
    const answer = stop()
    server.last.answer(409, refusal)
    await answer
    stop()
    assert.notEqual(server.requests[0].key, server.requests[1].key)
  })
})
