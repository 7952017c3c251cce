import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { ProgressMemory, throughput } from '../../web/estimates.js'
import { clock } from '../../web/format.js'
import { GridReport } from '../../web/views/grid.js'
import { gridStrip } from '../../web/views/grids.js'
import { QueueView } from '../../web/views/queue.js'
import { vitals } from '../../web/views/vitals.js'
import { at, hole, run, summary, text } from './page.js'

globalThis.location = { search: '', pathname: '/' }

// Twelve holes at ten seconds each, the last of them now; the server thinks that a hole takes forty.
const paced = { holeTimes: Array.from({ length: 12 }, (_, index) => at(-10 * (11 - index))) }
const ahead = [1, 2, 3, 4, 5, 6].map((number) => hole(`s.g1.s1.h${number}`))
const prompt = { id: 'p', kind: 'gridFinished', grid: 's.g1', answers: ['continue', 'next'], queued: 6, last: true, raisedAt: at(-60) }
const page = (state, view) => run({
  ...paced, queue: { items: ahead }, grids: [summary(1, state.prompt ? 'paused' : 'running', { squaresFound: 9, squaresDone: 1, holesDone: 12 })], ...state,
}, view)
const queue = (view) => text(new QueueView(view).render())

describe('Every time on the page', () => {
  test('of what waits is the same on the button, in the strip and above the queue', () => {
    const asking = page({ status: 'paused', prompt })
    assert.match(text(asking.prompts.render()), /6 holes, about 1 min/)
    assert.match(queue(asking), /about 1 min/)
    const running = page({})
    assert.match(text(gridStrip(running)), /1 minleft/)
    assert.match(queue(running), /about 1 min.*10 s/s)
  })

  test('of the end counts from the answer while a question waits, and names no time of day', () => {
    const asking = page({ status: 'paused', prompt, grids: [...page({ prompt }).state.grids, summary(2, 'waiting')] })
    assert.match(text(vitals(asking)), /Expected end\d+ (s|min) plus your answer/)
    assert.match(text(vitals({ ...asking, me: { controls: false } })), /plus an answer/)
    assert.match(text(gridStrip(asking)), /left after the answer/)
    assert.doesNotMatch(text(gridStrip(asking)), /Starts about|ends about/)
  })

  test('is left out while the run stops', () => {
    const stopping = page({ status: 'stopping', stop: { by: 'staff', at: at(-5) }, grids: [summary(1, 'stopping', { squaresFound: 9, holesDone: 12 }), summary(2, 'waiting')] })
    assert.match(text(vitals(stopping)), /Expected endStopping/)
    assert.doesNotMatch(text(gridStrip(stopping)), /left|ends|Starts/)
    assert.doesNotMatch(queue(stopping), /about/)
  })

  test('stands still on a page that has lost its link', () => {
    const live = { isStale: true, lastHeard: Date.parse(at(-30)) }
    const stale = page({ status: 'paused', prompt }, { live })
    assert.match(text(stale.prompts.render()), /Waiting for 30 s/)
    assert.match(text(gridStrip(stale)), /30 swaiting/)
    assert.match(text(gridStrip(page({}, { live }))), new RegExp(`ends ${clock(at(-30 + 60))}`))
  })
})

describe('A bar that goes back', () => {
  test('says since when there is more to do, until it is as far again', () => {
    const view = page({})
    view.progress.heard(0.83, at(-60))
    view.progress.heard(0.02, at(0))
    assert.match(text(gridStrip(view)), new RegExp(`More to do since ${clock(at(0))}, was 83 %`))
    view.progress.heard(0.83, at(5))
    assert.doesNotMatch(text(gridStrip(view)), /More to do/)
  })

  test('says nothing of what only rounding moves, nor to whoever opens the page later', () => {
    const memory = new ProgressMemory()
    memory.heard(0.4, at(0))
    memory.heard(0.395, at(1))
    assert.equal(memory.fall, null)
  })
})

describe('Throughput', () => {
  test('is a plain number below ten, with the time that it was counted over', () => {
    const view = run({ holeTimes: [at(-26), at(-10), at(-3)], imageTimes: [at(-26)] })
    assert.match(text(vitals(view)), /Throughput, last 26 s3 holes1 image/)
    assert.match(text(vitals(run({ holeTimes: [at(-4)] }))), /last 4 s1 hole/)
    assert.match(text(vitals(run())), /Throughput0 holes0 images/)
  })

  test('is a rate from ten on, over the minutes that are covered', () => {
    assert.match(text(vitals(run(paced))), /Throughput, last 2 min360 holes\/h/)
    assert.deepEqual(throughput([at(-7200), ...paced.holeTimes], Date.parse(at(0))), { number: 12, seconds: 110, perHour: 360 })
  })

  test('of a grid follows the same rule in its report', () => {
    const report = new GridReport({ live: { isStale: false, now: () => Date.parse(at(0)) }, brokenImages: new Set(), invalidate() {} }, 's.g1', () => null)
    const of = (number) => {
      const micrographs = Array.from({ length: number }, (_, index) => ({ id: `s.g1.s1.h${index}.m1`, status: 'saved', savedAt: at(10 * index - 10 * number), movie: 'a.mrc', pixelSize: 1 }))
      report.topic = { state: { grid: { id: 's.g1', slot: 1, name: 'one' }, squares: [], holes: [], micrographs, fitLimit: 6, status: 'running' } }
      return text(report.render())
    }
    assert.match(of(12), /Holes per hour, first to last360/)
    assert.match(of(9), /Holes per hour, first to lastNot yet/)
  })
})
