import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { Forecast, forecastKept, forecastPanel, forecastStat } from '../../web/views/forecast.js'
import { noticeList } from '../../web/views/notices.js'
import { vitals } from '../../web/views/vitals.js'
import { FakeServer, FakeTime, settled } from './fakes.js'
import { all, find, run, text } from './page.js'

const known = {
  seconds: 22_800, low: 18_600, high: 28_800, sessions: 12, grids: 2, squares: 8, holes: 1200, images: 2400,
  neededBytes: 310e9, spareBytes: 1.2e12, risks: []
}
const app = { live: { now: () => Date.parse('2026-11-22T20:05:00.000Z') }, invalidate() {} }
const shown = (more) => forecastPanel(Object.assign(new Forecast(app), { known, isOld: false, want() {}, ...more }), '/a')

describe('The forecast of a session that may be made', () => {
  test('says its time, its span, its work and its disk', () => {
    const words = text(shown())
    assert.match(words, /About 6 h 20 min/)
    assert.match(words, /Four in five sessions like this take 5 h 10 min to 8 h; ends \d+ Nov, \d\d:\d\d if started now\./)
    assert.match(words, /Squares8Holes1,200Images2,400/)
    assert.match(words, /Disk: needs 310 GB of 1\.2 TB above the reserve/)
  })

  test('says of a disk that could not be measured only what is needed, and fills the bar where there is no room', () => {
    const bar = (more) => find(shown({ known: { ...known, ...more } }), ({ props }) => /\bbar\b/.test(props.class))
    assert.match(text(shown({ known: { ...known, spareBytes: null } })), /Disk: needs 310 GB$/)
    assert.equal(bar({ spareBytes: null }), undefined)
    assert.equal(bar({ spareBytes: -5 }).children[0].props.style.width, '100%')
    assert.match(bar({ spareBytes: -5 }).props.class, /err/)
    assert.equal(bar({ neededBytes: 0, spareBytes: 0 }).children[0].props.style.width, '0%')
  })

  test('marks old figures, and shows none when it could not be asked', () => {
    assert.equal(shown({ isOld: true }).props['aria-busy'], true)
    assert.match(shown({ isOld: true }).props.class, /old/)
    const words = text(shown({ known: null, problem: { sentence: 'The server did not answer.' } }))
    assert.equal(words, 'The forecast could not be asked. The server did not answer.Ask again')
  })
})

describe('Asking for a forecast', () => {
  test('waits for the last change, and the newest question wins over a late answer to an older one', async (t) => {
    const [time, server, forecast] = [new FakeTime(t), new FakeServer(t), new Forecast(app)]
    forecast.want('/1')
    await time.advance(399)
    forecast.want('/2')
    await time.advance(399)
    assert.equal(server.requests.length, 0)
    await time.advance(1)
    assert.deepEqual(server.requests.map(({ path }) => path), ['/2'])
    forecast.want('/3')
    assert.ok(server.requests[0].signal.aborted, 'one at a time')
    await time.advance(400)
    server.requests[1].answer(200, { seconds: 3 })
    await settled()
    server.requests[0].answer(200, { seconds: 2 })
    await settled()
    assert.deepEqual([forecast.known.seconds, forecast.isOld], [3, false])
  })

  test('keeps old figures as old ones while nothing can be asked, and drops them when it had no answer', async (t) => {
    const [time, server, forecast] = [new FakeTime(t), new FakeServer(t), new Forecast(app)]
    forecast.want('/1')
    await time.advance(400)
    server.last.answer(200, { seconds: 1 })
    await settled()
    forecast.want()
    await time.advance(5000)
    assert.deepEqual([forecast.known.seconds, forecast.isOld, server.requests.length], [1, true, 1])
    forecast.want('/2')
    await time.advance(400)
    server.last.lose()
    await settled()
    assert.deepEqual([forecast.known, forecast.problem.sentence], [null, 'The server did not answer.'])
    forecast.ask()
    server.last.answer(200, { seconds: 2 })
    await settled()
    assert.deepEqual([forecast.known.seconds, forecast.problem], [2, undefined])
  })
})

describe('The run page', () => {
  const risks = ['info', 'warn', 'err'].map((kind) => ({ kind, sentence: `Of ${kind}.` }))
  const page = (status, process) => run({ status, process: { prompts: 1, waited: 0, ...process } },
    { forecast: { known: { ...known, risks, took: 21_720 } } })

  test('tells time and risks until the first Start, and no other end beside it', () => {
    const words = text(vitals(page('ready')))
    assert.match(words, /ForecastAbout 6 h 20 min, 5 h 10 min to 8 h/)
    assert.doesNotMatch(words, /Expected end|took/)
    const told = all(noticeList(page('ready'))).filter(({ tag }) => tag === 'b').map(text)
    assert.deepEqual(told.slice(0, 2), ['Of err.', 'Of warn.'])
    assert.doesNotMatch(text(noticeList(page('ready'))), /Of info/)
    assert.equal(text(forecastStat()), 'ForecastNot yet known')
  })

  test('tells neither while it runs, and in the end what it took', () => {
    const running = page('running', { startedAt: '2026-11-22T20:00:00.000Z' })
    assert.doesNotMatch(text(vitals(running)) + text(noticeList(running)), /Forecast|Of err/)
    const ended = page('completed', { startedAt: '2026-11-22T13:00:00.000Z', endedAt: '2026-11-22T19:02:00.000Z' })
    assert.match(text(vitals(ended)), /Forecast 6 h 20 min \(5 h 10 min to 8 h\), took 6 h 2 min(?! without)/)
    assert.match(text(forecastKept({ known: { ...known, took: 60 } }, 5)), /took 1 min without the waits$/)
    assert.ok(!forecastKept({ known }, 0), 'not worked through in one go')
  })
})
