// How a target is marked: by its status, or by what a layer tells of it.

import { h } from '../dom.js'
import { isHole } from '../ids.js'

// The word is what a screen reader says of the target. In the order of the legend.
const look = (name, glyph, word) => ({ look: name, glyph, word })
const completed = look('ok', ' ✓', 'completed')
export const looks = {
  acquired: completed, processed: completed, completed, acquiring: look('run', ' ▶', 'being imaged'),
  queued: look('wait', '', 'queued'), skipped: look('skip', '', 'skipped'), failed: look('err', ' !', 'failed'),
  // The specimen may have had its dose. This and any unknown status must never look like a fresh place.
  unknown: look('err', ' ?', 'unknown: it may have been exposed'), found: look('cand', null, 'not queued'),
}
// Of classes that are not good: at this size a dashed line alone could not tell them apart.
export const letters = { partial: 'P', small: 'S', contaminated: 'C', cracked: 'X', dark: 'D' }

export const isDone = ({ status }) => looks[status] === completed
export const lookOf = ({ status }) => looks[status] ?? looks.unknown
export const classOf = (target) => target.class

/** MRC files begin at the bottom, the screen at the top; half a pixel more is the pixel's middle. */
export const shownAt = (image, { x, y }) => ({ x: x + 0.5, y: image.height - 1 - y + 0.5 })

/** `scale` is that of a layer, or null where status counts. A null `glyph` gets no number. */
export function markOf(target, scale) {
  const { look: name, glyph } = lookOf(target)
  const letter = target.class === 'good' ? '' : letters[target.class] ?? '?'
  if (scale) {
    const fill = scale.colour(target)
    return { style: fill ? 'val' : 'cand', fill, glyph: glyph && '', hue: '#fff', letter: scale.unit ? '' : letter }
  }
  const isFree = name === 'cand'
  // A group's centre is where the stage goes; its members are reached by image shift.
  const group = target.groupCentre ? (target.groupCentre === target.id ? ' centre' : ' member') : ''
  return {
    style: `${name}${isFree && letter ? ' cls' : ''}${group}`, glyph, hue: `var(--m-${name})`, letter: isFree ? letter : '',
    hasSlash: name === 'skip', isUrgent: name === 'run' || name === 'err',
  }
}

export const numberWith = (id, { glyph }) => `${id.match(/\d+$/)}${glyph}`

/** `unit` is about a third of a pixel of the screen, in pixels of the image. */
export function shape(id, style, x, y, half, unit, fill) {
  const props = { class: style, style: fill && { fill } }
  return isHole(id) ? h('circle', { ...props, cx: x, cy: y, r: half }) : h(
    'rect', { ...props, x: x - half, y: y - half, width: 2 * half, height: 2 * half, rx: 7 * unit }
  )
}

export const label = (x, y, text, fill, size, anchor = 'middle') =>
  h('text', { x, y, fill, 'text-anchor': anchor, style: { 'font-size': `${size}px`, 'stroke-width': `${size / 4.3}px` } }, text)

/** Where the run is: a ring with its word, beneath it or, at the lower edge, above it. */
export const hereMark = (image, x, y, radius, size) => [
  h('circle.here', { cx: x, cy: y, r: radius }),
  label(x, y + radius + size > image.height ? y - radius - size / 4 : y + radius + size, 'Here', 'var(--m-sel)', size),
]
