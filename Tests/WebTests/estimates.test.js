import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import {
  gridLeft, isDue, progress, secondsPerHole, sessionFraction, sessionLeft, summaryOf, waiting, whyDone, wholeGrid
} from '../../web/estimates.js'

const at = (seconds) => new Date(Date.parse('2026-11-22T20:00:00.000Z') + seconds * 1000).toISOString()
const hole = (id, more = {}) => ({ id, exposures: 2, seconds: 40, skipped: false, ...more })
const square = (id, more = {}) => ({ id, exposures: 0, seconds: 100, skipped: false, ...more })
const grid = (id, status, more = {}) => ({
  grid: { id }, status, squaresFound: 0, squaresDone: 0, holesDone: 0, images: 0, fits: [], ...more
})

/** Two squares of five holes on every grid; the first one is running. */
const state = (more = {}) => ({
  session: { settings: { squaresPerGrid: 2, holesPerSquare: 5 } }, target: null, holeTimes: [], queue: { items: [] },
  grids: [grid('s.g1', 'running', { squaresFound: 9, squaresDone: 1, holesDone: 2 }), grid('s.g2', 'waiting')], ...more,
})
const first = (of) => summaryOf(of, 's.g1')

describe('What waits for a grid', () => {
  test('is its own queue, without what is skipped', () => {
    const items = [hole('s.g1.s1.h1'), hole('s.g1.s1.h2', { skipped: true }), square('s.g1.s2'), hole('s.g2.s1.h1')]
    const { items: counted, ...sums } = waiting(state({ queue: { items } }), 's.g1')
    assert.deepEqual(sums, { holes: 1, squares: 1, exposures: 2 })
    assert.deepEqual(counted.map(({ id }) => id), ['s.g1.s1.h1', 's.g1.s2'])
  })
})

describe('The progress of a grid', () => {
  test('counts what is done, queued and under way, and the holes that squares will bring', () => {
    const now = state({ target: 's.g1.s1.h3', queue: { items: [hole('s.g1.s1.h4'), square('s.g1.s2')] } })
    const { squares, holes, holesLeft, toMap } = progress(now, first(now))
    // 2 done, 1 under way, 1 queued, 5 expected of the square to be mapped.
    assert.deepEqual({ squares, holes, holesLeft, toMap }, { squares: 2, holes: 9, holesLeft: 7, toMap: 1 })
  })

  test('counts a square under way among those that will bring holes', () => {
    const now = state({ target: 's.g1.s2' })
    assert.equal(progress(now, first(now)).holes, 7)
  })

  test('does not count the target of another grid', () => {
    const now = state({ target: 's.g2.s1.h1' })
    assert.equal(progress(now, first(now)).holes, 2)
  })

  test('is what the settings ask for while nothing is known of the grid', () => {
    const now = state()
    assert.deepEqual([progress(now, now.grids[1]).holes, progress(now, now.grids[1]).fraction], [10, 0])
  })

  test('is whole once the grid is over, with however little', () => {
    const now = state({ grids: [grid('s.g1', 'failed')] })
    assert.equal(progress(now, now.grids[0]).fraction, 1)
  })

  test('weighs a hole twice a square', () => {
    const now = state({ queue: { items: [hole('s.g1.s1.h3'), hole('s.g1.s1.h4')] } })
    assert.equal(progress(now, first(now)).fraction, (1 + 2 * 2) / (1 + 4 * 2))
  })
})

describe('The pace', () => {
  test('is unknown before three holes', () => assert.equal(secondsPerHole({ holeTimes: [at(0), at(30)] }), null))

  test('is the mean of the gaps between the last twenty holes', () => {
    const slow = Array.from({ length: 30 }, (_, index) => at(index * 1000))
    const quick = Array.from({ length: 20 }, (_, index) => at(30_000 + index * 50))
    assert.equal(secondsPerHole({ holeTimes: [...slow, ...quick] }), 50)
  })
})

describe('The time left', () => {
  const paced = { holeTimes: [at(0), at(60), at(120)] }

  test('of a grid is its holes at the pace', () => {
    const now = state({ ...paced, queue: { items: [hole('s.g1.s1.h3'), hole('s.g1.s1.h4')] } })
    assert.equal(gridLeft(now, first(now)), 120)
  })

  test('of a grid is the queue\'s own estimate while there is no pace, with the holes that squares will bring', () => {
    const now = state({ queue: { items: [hole('s.g1.s1.h3'), square('s.g1.s2')] } })
    assert.equal(gridLeft(now, first(now)), 100 + 6 * 40)
  })

  test('of a grid is unknown while only squares are known of it', () => {
    const now = state({ queue: { items: [square('s.g1.s2')] } })
    assert.equal(gridLeft(now, first(now)), null)
  })

  test('of a grid and of a session is unknown while the run stops', () => {
    const now = state({ ...paced, status: 'stopping', queue: { items: [hole('s.g1.s1.h3')] } })
    assert.deepEqual([gridLeft(now, first(now)), sessionLeft(now).left], [null, null])
  })

  test('of a grid is unknown with neither', () => assert.equal(gridLeft(state(), first(state())), null))

  test('of a whole grid is the mean of those completed, not of those that failed', () => {
    const done = (id, status, seconds) => grid(id, status, { startedAt: at(0), endedAt: at(seconds) })
    const grids = [done('s.g1', 'completed', 100), done('s.g2', 'completed', 300), done('s.g3', 'failed', 9)]
    assert.equal(wholeGrid(state({ ...paced, grids })), 200)
  })

  test('of a whole grid leaves out what the run waited for people', () => {
    const grids = [grid('s.g1', 'completed', { startedAt: at(0), endedAt: at(300) })]
    assert.equal(wholeGrid(state({ ...paced, grids, process: { waited: 120 } })), 180)
  })

  test('of a whole grid comes from the pace while none is completed', () => assert.equal(wholeGrid(state(paced)), 600))

  test('of a session is what is left of this grid and the whole of the others, in turn', () => {
    const grids = [...state().grids, grid('s.g3', 'stopped'), grid('s.g4', 'failed')]
    const { left, starts } = sessionLeft(state({ ...paced, grids, queue: { items: [hole('s.g1.s1.h3')] } }))
    assert.equal(left, 60 + 600 + 600)
    assert.deepEqual([...starts], [['s.g2', 60], ['s.g3', 660]])
  })

  test('of a session is unknown, and so is each start, while this grid\'s is', () => {
    const { left, starts } = sessionLeft(state())
    assert.deepEqual([left, starts.size], [null, 0])
  })

  test('of a session knows the next start even when nothing beyond it is known', () => {
    const { left, starts } = sessionLeft(state({ queue: { items: [hole('s.g1.s1.h3')] } }))
    assert.deepEqual([left, [...starts]], [null, [['s.g2', 40]]])
  })
})

describe('How much of a session is done', () => {
  test('is the mean over its grids', () => {
    const grids = [grid('s.g1', 'completed'), grid('s.g2', 'failed'), grid('s.g3', 'waiting'), grid('s.g4', 'waiting')]
    assert.equal(sessionFraction(state({ grids })), 0.5)
  })
  test('is nothing without grids', () => assert.equal(sessionFraction(state({ grids: [] })), 0))
})

describe('In passes', () => {
  const grids = [grid('s.g1', 'waiting', { hasAtlas: true, isSearched: true }), grid('s.g2', 'waiting'), grid('s.g3', 'leftOut')]

  test('a run that takes atlases comes to the grids without one, and says nothing of its end', () => {
    const now = state({ plan: 'atlasesFirst', grids })
    assert.deepEqual(grids.map((each) => isDue(now, each)), [false, true, true])
    assert.equal(sessionLeft(now).left, null)
    assert.equal(sessionFraction(now), 2 / 3)
  })

  test('a run that collects comes to the grids with targets, and lasts as long as they', () => {
    const paced = { holeTimes: [at(0), at(100), at(200)] }
    const items = [hole('s.g1.s1.h1'), hole('s.g1.s1.h2'), hole('s.g2.s1.h1', { skipped: true })]
    const now = state({ plan: 'collectQueued', grids, queue: { items }, ...paced })
    assert.deepEqual([isDue(now, grids[0]), isDue(now, grids[1])], [true, false])
    const { left, starts } = sessionLeft(now)
    assert.deepEqual([...starts.keys()], ['s.g1'])
    assert.equal(left, gridLeft(now, grids[0]))
    // Of the one that is left out and the one with targets; the one without has no part in it.
    assert.equal(sessionFraction(now), (1 + progress(now, grids[0]).fraction) / 2)
  })

  test('nothing starts where nothing is queued, but for a grid that failed', () => {
    const now = state({ plan: 'collectQueued', status: 'stopped', grids })
    assert.match(whyDone(now), /^Nothing is queued/)
    // What became of its last exposure is for the next run to ask.
    assert.equal(whyDone({ ...now, status: 'killed' }), undefined)
    const failed = [grid('s.g1', 'failed', { hasAtlas: true, isSearched: true }), grids[1]]
    assert.equal(whyDone({ ...now, grids: failed }), undefined)
  })
})
