import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'

import { QueueLift } from '../../web/views/queueLift.js'

const ids = ['h1', 'h2', 'h3'].map((hole) => `s.g1.s1.${hole}`)
const [one, two, three] = ids
let queue, lift, dropped, said, focused, painted

/** Rows of 20 px, one below the other, in the order that the lift shows. */
class FakeDocument extends EventTarget {
  elementsFromPoint(x, y) {
    const id = lift.items(queue)[Math.floor(y / 20)]?.id
    const top = Math.floor(y / 20) * 20
    const row = { dataset: { row: id }, getBoundingClientRect: () => ({ top, height: 20 }) }
    return [{ closest: () => (id ? row : null) }]
  }
  querySelector(selector) { return { focus: () => focused.push(selector.match(/"(.*)"/)[1]) } }
}

const press = (id, key) => {
  const event = { key, isPrevented: false, preventDefault() { this.isPrevented = true } }
  lift.handlers(id).keydown(event)
  lift.painted()
  return event
}
const grab = (id) => lift.handlers(id).pointerdown({ button: 0, preventDefault() {}, currentTarget: { focus() {} } })
const happens = (type, more = {}) => document.dispatchEvent(Object.assign(new Event(type), more))
const shown = () => lift.items(queue).map(({ id }) => id)
const changed = (version, rows) => { queue = { version, items: rows.map((id) => ({ id })) }; lift.heard(queue) }

beforeEach(() => {
  queue = { version: 4, items: ids.map((id) => ({ id })) }
  dropped = []
  said = []
  focused = []
  painted = 0
  globalThis.document = new FakeDocument()
  globalThis.CSS = { escape: (text) => text }
  const app = { announce: (text) => said.push(text), invalidate() {}, paint: () => { painted += 1 } }
  lift = new QueueLift(app, () => queue, (order) => dropped.push(order))
})

describe('A row moved by keyboard', () => {
  test('shows its new place at once and is sent when it is dropped', () => {
    press(one, ' ')
    press(one, 'ArrowDown')
    assert.deepEqual(shown(), [two, one, three])
    assert.deepEqual([dropped, painted], [[], 1])
    press(one, ' ')
    assert.deepEqual(dropped, [[two, one, three]])
    assert.equal(lift.id, null)
    assert.deepEqual(said, ['Hole 1 lifted, place 1 of 3.', 'Hole 1, place 2 of 3.', 'Hole 1 dropped at place 2.'])
  })

  test('keeps the focus wherever it goes', () => {
    press(one, ' ')
    press(one, 'ArrowDown')
    assert.deepEqual(focused, [one])
  })

  test('stays where it is at either end', () => {
    press(one, ' ')
    press(one, 'ArrowUp')
    assert.deepEqual(shown(), ids)
    press(one, 'Escape')
    press(three, ' ')
    press(three, 'ArrowDown')
    assert.deepEqual(shown(), ids)
  })

  test('is sent nowhere when it is dropped where it was', () => {
    press(one, 'Enter')
    press(one, 'ArrowDown')
    press(one, 'ArrowUp')
    press(one, 'Enter')
    assert.deepEqual(dropped, [])
  })

  test('goes back with Escape', () => {
    press(one, ' ')
    press(one, 'ArrowDown')
    press(one, 'Escape')
    assert.deepEqual([shown(), dropped, said.at(-1)], [ids, [], 'Moving was cancelled.'])
  })

  test('goes back when the focus leaves it', () => {
    press(one, ' ')
    lift.handlers(one).blur()
    assert.equal(lift.id, null)
    assert.deepEqual(dropped, [])
  })

  test('leaves keys that are not its own to the page', () => {
    assert.equal(press(one, 'ArrowDown').isPrevented, false)
    press(one, ' ')
    assert.equal(press(one, '?').isPrevented, false)
    assert.equal(press(two, 'ArrowDown').isPrevented, false)
    assert.deepEqual(shown(), ids)
  })
})

describe('A queue that changes under a lifted row', () => {
  test('ends the moving, and nothing is sent', () => {
    press(one, ' ')
    press(one, 'ArrowDown')
    changed(5, [...ids, 's.g1.s1.h4'])
    assert.deepEqual([lift.id, dropped, shown().length], [null, [], 4])
    assert.equal(said.at(-1), 'The queue changed. Moving was cancelled.')
  })

  test('ends the moving when the row itself is gone', () => {
    press(one, ' ')
    changed(4, [two, three])
    assert.equal(lift.id, null)
  })

  test('lets the moving go on when the news was about something else', () => {
    press(one, ' ')
    press(one, 'ArrowDown')
    lift.heard(queue)
    assert.deepEqual([lift.id, shown()], [one, [two, one, three]])
  })
})

describe('A row moved by pointer', () => {
  test('changes place once the pointer is past the middle of the next row', () => {
    grab(one)
    happens('pointermove', { clientX: 5, clientY: 29 })
    assert.deepEqual(shown(), ids)
    happens('pointermove', { clientX: 5, clientY: 31 })
    assert.deepEqual(shown(), [two, one, three])
    happens('pointerup')
    assert.deepEqual(dropped, [[two, one, three]])
  })

  test('goes back with Escape, and does not follow the pointer any more', () => {
    grab(three)
    happens('pointermove', { clientX: 5, clientY: 5 })
    assert.deepEqual(shown(), [three, one, two])
    happens('keydown', { key: 'Escape' })
    happens('pointermove', { clientX: 5, clientY: 5 })
    happens('pointerup')
    assert.deepEqual([shown(), dropped, lift.isDragged], [ids, [], false])
  })

  test('goes back when the system takes the pointer away', () => {
    grab(one)
    happens('pointermove', { clientX: 5, clientY: 31 })
    happens('pointercancel')
    assert.deepEqual([shown(), dropped], [ids, []])
  })

  test('is not lifted by another button than the first', () => {
    lift.handlers(one).pointerdown({ button: 2 })
    assert.equal(lift.id, null)
  })

  test('is not let go by the focus that it loses when it moves', () => {
    grab(one)
    lift.handlers(one).blur()
    assert.equal(lift.id, one)
  })
})
