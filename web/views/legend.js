// What the marks of a map mean, and how many there are of each: only what is on it.

import { h } from '../dom.js'
import { capitalised, count } from '../format.js'
import { memo } from '../memo.js'
import { gradient } from './layers.js'
import { classOf, letters, lookOf, looks, markOf, shape } from './marks.js'

const order = [...Object.values(looks).map(({ word }) => word), 'poor class', 'good', ...Object.keys(letters)]

/** `scale` is the layer's, or null; `marks` are those that single targets may have. */
export const legend = (targets, scale, { selected, opened, here }) => targets.length > 0 && h('ul.legend.flat',
  { key: 'legend', 'aria-label': 'Legend' }, memo(targets, 'legend', [scale], () => [
    ...(scale?.unit ? ranged(targets, scale) : kinds(targets, scale)), ...(scale ? [] : [...poor(targets), ...groups(targets)])
  ]),
  selected > 0 && entry('Selected', selected, face(targets, 'sel'), glyph('✓', 'var(--m-sel)')),
  opened && entry('Opened', null, face(targets, 'frame')),
  here && entry('The run is here', null, face([{ id: 'h1' }], 'here')))

const entry = (words, number, ...marks) =>
  h('li', { key: words }, marks, words, number !== null && [' ', h('b', count(number))])

const face = ([{ id }], style, fill) => h('svg.ov', { viewBox: '0 0 14 14', 'aria-hidden': 'true' },
  shape(id, `t ${style}`, 7, 7, 5, 0.3, fill), style === 'skip' && h('path.slash', { d: 'M2 12L12 2', stroke: 'var(--m-skip)' }))

const glyph = (text, hue) => text && h('span.glyph', { style: { color: hue } }, text)

function grouped(targets, name) {
  const found = {}
  for (const target of targets) (found[name(target)] ??= []).push(target)
  return Object.entries(found).sort(([left], [right]) => order.indexOf(left) - order.indexOf(right))
}

const statusWord = (target) => (markOf(target, null).letter ? 'poor class' : lookOf(target).word)

const kinds = (targets, scale) => grouped(targets, scale ? classOf : statusWord).map(([word, all]) => {
  const { style, fill, glyph: sign, letter, hue } = markOf({ ...all[0], groupCentre: null }, scale)
  return entry(scale ? word : capitalised(word), all.length, face(targets, style, fill),
    glyph(scale ? letter : sign?.trim(), hue))
})

const poor = (targets) => grouped(targets.filter((target) => markOf(target, null).letter), classOf)
  .map(([word, all]) => entry(word, all.length, glyph(letters[word] ?? '?', '#b9c6da')))

const groups = (targets) => [['Group centre', 'centre'], ['By image shift', 'member']].flatMap(([words, style]) => {
  const { length } = targets.filter((target) => markOf(target, null).style.endsWith(style))
  return length ? [entry(words, length, face(targets, `wait ${style}`))] : []
})

const ranged = (targets, { title, unit, ends: [low, high], without }) => [
  h('li.ramp', { key: 'ramp' }, `${title} `, h('b', low), low !== high && [
    h('i', { style: { background: gradient }, 'aria-hidden': 'true' }), h('span.sr', ' to '), h('b', high)
  ], ` ${unit}`),
  ...(without ? [entry('Not measured', without, face(targets, 'cand'))] : [])
]
