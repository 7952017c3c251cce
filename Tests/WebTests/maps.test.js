import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'

import { Here } from '../../web/views/here.js'
import { legend } from '../../web/views/legend.js'
import { TargetMap } from '../../web/views/map.js'
import { Zoom } from '../../web/views/zoom.js'
import { settled } from './fakes.js'
import { all, find, text } from './page.js'

const app = { invalidate() {}, brokenImages: new Set(), live: { isStale: false } }
const image = { width: 1000, height: 1000, pixelSize: 100 }
const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`)

describe('A zoom', () => {
  let zoom
  beforeEach(() => { zoom = new Zoom(app, 'map') })

  test('keeps the point under the pointer where it is', () => {
    const at = { x: 0.3, y: 0.8 }
    const under = () => [zoom.x + at.x / zoom.factor, zoom.y + at.y / zoom.factor]
    zoom.by(2, at)
    const before = under()
    zoom.by(3, at)
    under().forEach((value, index) => near(value, before[index]))
    near(zoom.factor, 6)
  })

  test('never shows anything beside the image, and never less than all of it', () => {
    zoom.by(0.1)
    assert.deepEqual([zoom.factor, zoom.x, zoom.y], [1, 0, 0])
    zoom.by(4)
    zoom.move(-9, 9)
    assert.deepEqual([zoom.x, zoom.y], [0, 0.75])
    zoom.by(1000)
    assert.equal(zoom.factor, 16)
  })

  test('brings a place into view, and stays where that is in view already', () => {
    zoom.by(4, { x: 0, y: 0 })
    zoom.show({ x: 0.1, y: 0.1 })
    assert.deepEqual([zoom.x, zoom.y], [0, 0])
    zoom.show({ x: 0.6, y: 0.5 })
    near(zoom.x, 0.475)
    near(zoom.y, 0.375)
  })

  test('begins anew with another image', () => {
    zoom.render('a', image, 'A', {}, [])
    zoom.by(4)
    zoom.render('a', image, 'A', {}, [])
    assert.equal(zoom.factor, 4)
    zoom.render('b', image, 'B', {}, [])
    assert.equal(zoom.factor, 1)
  })

  test('shortens the length that its bar stands for', () => {
    const bar = () => text(find(zoom.render('a', image, 'A', {}, []), ({ props }) => props.class === 'scale'))
    assert.equal(bar(), '2 µm')
    zoom.by(4)
    assert.equal(bar(), '0.5 µm')
  })

  test('leaves a page that is being scrolled alone, and takes the wheel of whoever points at it', () => {
    const view = () => find(zoom.render('a', image, 'A', {}, []), ({ props }) => props.class === 'view').props.on
    let taken = 0
    const wheel = (deltaY) => view().wheel({
      deltaY, clientX: 50, clientY: 50, preventDefault() { taken += 1 },
      currentTarget: { getBoundingClientRect: () => ({ left: 0, top: 0, width: 100, height: 100 }) },
    })
    wheel(-240)
    assert.deepEqual([zoom.factor, taken], [1, 0])
    view().pointermove({ movementX: 1, movementY: 0 })
    wheel(240)
    assert.deepEqual([zoom.factor, taken], [1, 0])
    wheel(-240)
    assert.deepEqual([zoom.factor, taken], [2, 1])
  })

  test('answers the keyboard', () => {
    const press = (key, shiftKey = false) => find(zoom.render('a', image, 'A', {}, []), ({ props }) => /^cv/.test(props.class ?? ''))
      .props.on.keydown({ key, shiftKey, preventDefault() {} })
    press('+')
    near(zoom.factor, 1.6)
    const { x } = zoom
    press('ArrowRight', true)
    assert.ok(zoom.x > x)
    press('0')
    assert.equal(zoom.factor, 1)
  })
})

describe('The labels of a map', () => {
  // A lattice of twenty by twenty holes.
  const holes = Array.from({ length: 400 }, (_, index) => ({
    id: `s.g1.s1.h${index}`, point: { x: 25 + 50 * (index % 20), y: 25 + 50 * Math.floor(index / 20) }, size: 20, status: 'queued', class: 'good',
  }))
  const map = () => new TargetMap(app, 'map', 'Holes', () => {})
  const labels = (of, targets, more) => all(of.render({ of: 's.g1.s1', image, alt: 'Square 1', targets, canSelect: true, ...more }))
    .filter(({ tag }) => tag === 'text').map(text)

  test('are left out where they would lie on one another, but for those that somebody looks for', () => {
    const mixed = holes.map((hole, index) => ({ ...hole, status: index === 7 ? 'acquiring' : index === 8 ? 'failed' : hole.status }))
    assert.deepEqual(labels(map(), mixed, { opened: 's.g1.s1.h9' }), ['7 ▶', '8 !', '9'])
  })

  test('come back as one comes closer', () => {
    const closer = map()
    assert.equal(labels(closer, holes).length, 0)
    closer.zoom.by(4)
    assert.equal(labels(closer, holes).length, 400)
  })

  test('stand where there are few', () => assert.equal(labels(map(), [holes[0], holes[5]]).length, 2))

  test('of a class are letters with a key, where a mark has room for one', () => {
    const poor = { ...holes[0], status: 'found', class: 'cracked' }
    assert.deepEqual(labels(map(), [{ ...poor, size: 60 }]), ['X'])
    assert.deepEqual(labels(map(), [{ ...poor, size: 10 }]), [])
    assert.match(text(legend([poor, { ...poor, class: 'dark' }], null, {})), /Poor class 2Xcracked 1Ddark 1/)
  })
})

describe('"You are here"', () => {
  const square = { id: 's.g1.s1', point: { x: 99.5, y: 299.5 }, size: 40, image: { width: 500, height: 500 } }
  const hole = { id: 's.g1.s1.h2', point: { x: 49.5, y: 99.5 }, size: 20 }

  test('is a ring at the place of the square on the atlas and of the hole on its square, asked for once', async (context) => {
    const asked = []
    context.mock.method(globalThis, 'fetch', async (path) => {
      asked.push(path)
      const header = new DataView(new ArrayBuffer(8))
      header.setInt32(0, 1000, true)
      header.setInt32(4, 800, true)
      return { ok: true, arrayBuffer: async () => header.buffer, text: async () => JSON.stringify({ items: [square, hole] }) }
    })
    const here = new Here(app)
    const rings = () => [here.onAtlas(square.id), here.onSquare(hole.id, square.id)].map((ring) => ring?.children[0].props)
    assert.deepEqual(rings(), [undefined, undefined])
    await settled()
    assert.equal(text(here.onAtlas(square.id)), 'Here')
    const [onAtlas, onSquare] = rings()
    // A file's first row is at the bottom.
    assert.deepEqual([onAtlas.cx, onAtlas.cy, onAtlas.r], [100, 500, 45])
    assert.deepEqual([onSquare.cx, onSquare.cy], [50, 400])
    rings()
    await settled()
    assert.deepEqual(asked.filter((path) => path.endsWith('.mrc')), ['/api/targets/s.g1/raw.mrc'])
  })

  test('is left out where the server does not know', async (context) => {
    context.mock.method(globalThis, 'fetch', async () => { throw new TypeError('no link') })
    const here = new Here(app)
    here.onAtlas(square.id)
    await settled()
    assert.equal(here.onAtlas(square.id), null)
  })
})
