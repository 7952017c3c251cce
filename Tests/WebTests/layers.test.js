import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { fitsOf, layersOf, scaleOf } from '../../web/views/layers.js'
import { legend } from '../../web/views/legend.js'
import { TargetMap } from '../../web/views/map.js'
import { all, find, text } from './page.js'

const app = { invalidate() {}, brokenImages: new Set(), live: { isStale: false } }
const image = { width: 1000, height: 1000, pixelSize: 100 }
const hole = (number, more = {}) => ({
  id: `s.g1.s1.h${number}`, point: { x: 90 * number, y: 500 }, size: 60, status: 'found', class: 'good', brightness: 0.5, ...more
})
const exposure = (number, take, fitResolution) => ({
  id: `s.g1.s1.h${number}.m${take}`, measurement: fitResolution ? { ctf: { fitResolution } } : {}
})
const none = fitsOf([])
const names = (targets, fits = none) => layersOf(targets, { image, fits }).map(({ name }) => name)

describe('The layers of a map', () => {
  test('are those of which some target tells something', () => {
    assert.deepEqual(names([hole(1)]), ['status', 'class', 'size', 'brightness'])
    assert.deepEqual(names([hole(1), hole(2, { thickness: 30 })]), ['status', 'class', 'size', 'brightness', 'ice'])
    assert.deepEqual(names([hole(1)], fitsOf([exposure(1, 1, 4)])).at(-1), 'fit')
    assert.ok(!names([hole(1)], fitsOf([exposure(2, 1, 4), exposure(1, 1)])).includes('fit'))
  })

  test('are in units: sizes in µm, and the CTF fit is the median of a hole’s exposures, and of a square’s', () => {
    const fits = fitsOf([exposure(1, 1, 3), exposure(1, 2, 5), exposure(2, 1, 9)])
    const words = (name, target) => scaleOf(name, [target], { image, fits }).words(target)
    assert.equal(words('size', hole(1)), 'Size 0.6 µm')
    assert.equal(words('fit', hole(1)), 'Median CTF fit 4.0 Å')
    assert.equal(words('fit', { ...hole(1), id: 's.g1.s1' }), 'Median CTF fit 5.0 Å')
    assert.equal(words('brightness', hole(1)), 'Brightness 50 % of the brightest')
  })

  test('run from the darkest colour to the lightest, and a target without a value has none', () => {
    const targets = [hole(1, { thickness: 20 }), hole(2, { thickness: 80 }), hole(3, { thickness: 50 }), hole(4)]
    const scale = scaleOf('ice', targets, { image, fits: none })
    const [low, high, middle, without] = targets.map(scale.colour)
    assert.match(low, /100%|0%, #440154/)
    assert.match(high, /#fde725 100%/)
    assert.notEqual(middle, low)
    assert.equal(without, undefined)
    assert.deepEqual([scale.ends, scale.without], [['20', '80'], 1])
  })

  test('survive a grid with more targets than a call takes arguments', () => {
    const many = Array.from({ length: 200_000 }, (_, index) => hole(index, { thickness: index }))
    assert.deepEqual(scaleOf('ice', many, { image, fits: none }).ends, ['0', '199999'])
  })
})

describe('A map that shows a layer', () => {
  const targets = [hole(1, { thickness: 20 }), hole(2, { class: 'cracked', thickness: 80 }), hole(3, { status: 'failed' })]
  const shown = (name) => {
    const scale = scaleOf(name, targets, { image, fits: none })
    const map = new TargetMap(app, 'map', 'Holes', () => {})
    return { scale, options: all(map.render({ of: 's.g1.s1', image, alt: 'Square 1', targets, scale })).filter(({ props }) => props?.role === 'option') }
  }

  test('says each value in words too', () => {
    assert.deepEqual(shown('ice').options.map(({ props }) => props['aria-label']), [
      'Hole 1, not queued, Ice 20 nm', 'Hole 2, not queued, cracked, Ice 80 nm', 'Hole 3, failed'
    ])
  })

  test('has a key with both ends and their unit, and says how many were not measured', () => {
    assert.match(text(legend(targets, shown('ice').scale, {})), /^Ice 20 to 80 nmNot measured 1$/)
  })

  test('has letters beside the colours of classes, and a key to both', () => {
    const { options, scale } = shown('class')
    assert.deepEqual(options.flatMap(all).filter(({ tag }) => tag === 'text').map(text), ['3', 'X'].sort().reverse())
    assert.match(text(legend(targets, scale, {})), /^good 2Xcracked 1$/)
    const fills = options.map((option) => find(option, ({ tag }) => tag === 'circle').props.style.fill)
    assert.notEqual(fills[0], fills[1])
  })
})

describe('The legend', () => {
  test('names every mark with its glyph and number, in the order of a target’s life', () => {
    const targets = ['completed', 'processed', 'acquiring', 'queued', 'skipped', 'failed', 'unheardOf', 'found']
      .map((status, index) => hole(index, { status }))
    assert.equal(text(legend([...targets, hole(9, { class: 'partial' })], null, { selected: 2, opened: true, here: true })), [
      '✓Completed 2', '▶Being imaged 1', 'Queued 1', 'Skipped 1', '!Failed 1', '?Unknown: it may have been exposed 1', 'Not queued 1',
      'Poor class 1', 'Ppartial 1', '✓Selected 2', 'Opened', 'The run is here'
    ].join(''))
  })

  test('tells the centre of a group from what image shift reaches', () => {
    const group = [1, 2, 3].map((number) => hole(number, { groupCentre: hole(2).id }))
    assert.match(text(legend(group, null, {})), /Group centre 1By image shift 2$/)
  })
})

describe('A map with more than two thousand targets', () => {
  const many = Array.from({ length: 2500 }, (_, index) => ({
    ...hole(index), point: { x: 20 * (index % 50) + 10, y: 20 * Math.floor(index / 50) + 10 }, size: 12
  }))
  const start = () => {
    const opened = []
    const map = new TargetMap(app, 'map', 'Holes', (id) => opened.push(id))
    const render = (more) => map.render({ of: 's.g1.s1', image, alt: 'Square 1', targets: many, canSelect: true, ...more })
    const options = (more) => all(render(more)).filter(({ props }) => props?.role === 'option')
    return { map, opened, render, options }
  }
  const list = (page) => find(page, ({ props }) => props.role === 'listbox').props.on

  test('is drawn, and only what stands out is an element that knows its place among all', () => {
    const { options, render } = start()
    assert.deepEqual(options().map(({ props }) => [props['data-id'], props['aria-setsize'], props['aria-posinset']]), [[many[0].id, 2500, 1]])
    assert.deepEqual(options({ opened: many[7].id, highlighted: many[9].id, here: many[3].id }).map(({ props }) => props['data-id']),
      [3, 7, 9].map((index) => many[index].id))
    assert.ok(find(render(), ({ tag }) => tag === 'canvas'))
  })

  test('is walked by one option that moves', () => {
    const { options, render } = start()
    app.paint = () => {}
    const option = { closest: () => ({ dataset: { id: many[0].id } }) }
    list(render()).keydown({ target: option, key: 'ArrowRight', preventDefault() {} })
    assert.deepEqual(options().map(({ props }) => [props['data-id'], props.tabindex]), [[many[1].id, '0']])
  })

  test('finds the target under a click, which becomes the one with the focus', () => {
    globalThis.DOMPoint = class { constructor(x, y) { Object.assign(this, { x, y }) } matrixTransform() { return this } }
    const { map, options, render } = start()
    const svg = { firstElementChild: { getScreenCTM: () => ({ inverse: () => null }) } }
    // A file's first row is at the bottom.
    list(render()).click({ target: { closest: () => null }, clientX: 51, clientY: 1000 - 30, currentTarget: svg })
    assert.deepEqual([...map.selection], [many[52].id])
    assert.equal(options()[0].props['data-id'], many[52].id)
  })
})
