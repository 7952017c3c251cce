import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'

import { under } from '../../web/memo.js'
import {
  foldFacility, foldGrid, foldQueue, foldSession, startFacility, startGrid, startSession
} from '../../web/state.js'

// GoldenFoldTests.swift folds the same files: what a page shows after an event is what the server would send it whole.
const golden = (name) => readFileSync(new URL(`../RunModelTests/Golden/${name}`, import.meta.url), 'utf8')
const frames = golden('events.jsonl').trim().split('\n').map((line) => JSON.parse(line))
const created = frames.find(({ type }) => type === 'sessionCreated').data
const session = created.session.id
const grids = created.grids.map(({ id }) => id)

/** Neither an event nor an earlier state may be touched: both may still be in somebody's hands. */
function frozen(value) {
  if (value && typeof value === 'object') Object.values(Object.freeze(value)).forEach(frozen)
  return value
}

function folded(topic, fold, beginning) {
  const events = frames.filter((frame) => frame.topic === topic).map((frame) => frozen({ session, ...frame }))
  assert.ok(events.length > 3, `${topic} has events`)
  return events.reduce((state, event) => frozen(fold(state, event)), frozen(beginning))
}

describe('The golden events', () => {
  const cases = [
    [`session/${session}`, foldSession, startSession(created), 'session.json'],
    [`grid/${grids[0]}`, foldGrid, startGrid(created, grids[0]), 'grid.json'],
    [`grid/${grids[1]}`, foldGrid, startGrid(created, grids[1]), 'grid-under-way.json'],
    ['facility', foldFacility, startFacility([]), 'facility.json'],
  ]
  for (const [topic, fold, beginning, file] of cases) {
    test(`of ${topic} end in ${file}`, () => {
      assert.deepEqual(folded(topic, fold, beginning), JSON.parse(golden(file)))
    })
  }

  test('give a session a beginning without one', () => {
    assert.deepEqual(folded(`session/${session}`, foldSession, null), JSON.parse(golden('session.json')))
  })
})

test('An event of a type that the page does not know leaves every state as it is', () => {
  const state = { some: 'state' }
  for (const fold of [foldSession, foldGrid, foldFacility]) assert.equal(fold(state, { type: 'unheardOf', data: {} }), state)
})

describe('The queue', () => {
  const queue = { version: 1, items: ['a', 'b', 'c'].map((id) => ({ id, skipped: false })) }
  const ids = (change) => foldQueue(queue, { version: 2, ...change }).items.map(({ id }) => id).join('')

  test('loses what was removed or taken', () => assert.equal(ids({ removed: ['a'], taken: ['c'] }), 'b'))
  test('takes what is added at its end', () => assert.equal(ids({ added: [{ id: 'd' }] }), 'abcd'))
  test('takes what is added before an item', () => assert.equal(ids({ added: [{ id: 'd' }, { id: 'e' }], before: 'b' }), 'adebc'))
  test('takes what is added at its end when the item named is gone', () => {
    assert.equal(ids({ added: [{ id: 'd' }], before: 'b', removed: ['b'] }), 'acd')
  })
  test('leaves what an order does not name behind what it names', () => assert.equal(ids({ order: ['c'] }), 'cab'))
  test('marks what is skipped and what is taken back', () => {
    const skipped = foldQueue(queue, { version: 2, skipped: ['a', 'b'] })
    const back = foldQueue(skipped, { version: 3, unskipped: ['a'] })
    assert.deepEqual(back.items.map((item) => item.skipped), [false, true, false])
    assert.equal(back.version, 3)
  })
})

describe('A grid of forty thousand holes', () => {
  const holes = Array.from({ length: 40_000 }, (_, index) => ({
    id: `s.g1.s${Math.floor(index / 200)}.h${index % 200}`, status: 'found', class: 'good'
  }))
  const grid = frozen({ grid: { id: 's.g1' }, squares: [], holes, micrographs: [{ id: 's.g1.s0.h1.m1', status: 'saved' }] })
  const added = holes.map(({ id }) => ({ id, exposures: 2, skipped: false }))

  test('takes them all into the queue in one pass, with what each has had', () => {
    const began = performance.now()
    const queued = foldGrid(grid, { type: 'queueChanged', at: '', data: { grid: 's.g1', version: 1, added } })
    // One pass takes some milliseconds, a pass for each of them minutes.
    assert.ok(performance.now() - began < 2000)
    assert.deepEqual(queued.holes[1], { ...holes[1], status: 'queued', exposures: 3 })
    assert.equal(queued.holes.filter(({ exposures }) => exposures === 2).length, 39_999)
  })

  test('keeps the holes that have not changed, so that a page can tell', () => {
    const next = foldGrid(grid, { type: 'targetChanged', at: '', data: { target: 's.g1.s3.h7', status: 'acquired' } })
    assert.deepEqual(next.holes.filter((hole, index) => hole !== holes[index]).map(({ id }) => id), ['s.g1.s3.h7'])
    assert.equal(next.squares, grid.squares)
  })

  test('is looked up by square without asking each hole, and again only after a change', () => {
    assert.equal(under(holes, 's.g1.s3').length, 200)
    assert.equal(under(holes, 's.g1.s3'), under(holes, 's.g1.s3'))
    assert.equal(under(holes, 's.g1.s999').length, 0)
    // A square that was mapped again stands behind the others, and s1 is not s19.
    const mixed = [...holes.slice(200), ...holes.slice(0, 200), { id: 's.g1.s1.h900' }]
    assert.deepEqual([0, 1, 19].map((square) => under(mixed, `s.g1.s${square}`).length), [200, 201, 200])
  })
})
