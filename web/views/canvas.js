// The marks of thousands of targets: as elements they would make every movement slow.

import { isHole } from '../ids.js'
import { markOf, numberWith, shownAt } from './marks.js'

const widths = { cand: 1.4, wait: 2.2, run: 3.2, ok: 2.6, err: 2.4, skip: 1.6, val: 1 }

/** `labelled` are ids. */
export function drawMarks(canvas, { image, zoom, targets, scale, labelled }) {
  const { clientWidth: width, clientHeight: height } = canvas
  const computed = getComputedStyle(canvas)
  const pen = prepared(canvas, width, height, computed.fontFamily)
  const hues = {}
  // A canvas knows no properties of the style sheet.
  const hueOf = (hue) => (hues[hue] ??= hue.replace(
    /^var\((--[\w-]+).*/, (_, name) => computed.getPropertyValue(name) || '#8c8c8c'))
  const gain = (zoom.factor * width) / image.width
  for (const target of targets) {
    const { id } = target
    const place = shownAt(image, target.point)
    const [x, y] = [place.x * gain - zoom.x * zoom.factor * width, place.y * gain - zoom.y * zoom.factor * height]
    const half = (target.size / 2) * gain + 1
    if (x < -half || y < -half || x > width + half || y > height + half) continue
    const mark = markOf(target, scale)
    const { style, fill, hue, letter } = mark
    pen.beginPath()
    // So small a circle looks like a square, and takes six times as long.
    if (isHole(id) && half > 4) pen.arc(x, y, half, 0, 7)
    else pen.rect(x - half, y - half, 2 * half, 2 * half)
    if (fill) {
      pen.fillStyle = hueOf(fill)
      pen.fill()
    }
    if (mark.hasSlash) {
      pen.moveTo(x - half, y + half)
      pen.lineTo(x + half, y - half)
    }
    pen.strokeStyle = fill ? '#ffffffb0' : hueOf(hue)
    pen.lineWidth = widths[style.split(' ')[0]] + (style.endsWith('centre') ? 1 : 0)
    // A dash is longer than a small mark, whose edge would also hide its colour.
    pen.setLineDash(half > 6 && /cls|member/.test(style) ? [4, 3] : [])
    if (!fill || half > 4) pen.stroke()
    if (mark.glyph !== null && (labelled.has(id) || mark.isUrgent)) write(pen, numberWith(id, mark), x, y - half - 2, hueOf(hue))
    if (letter && half > 7) write(pen, letter, x + half, y - half + 7, '#b9c6da')
  }
}

function prepared(canvas, width, height, family) {
  const dots = devicePixelRatio
  // This clears it too.
  Object.assign(canvas, { width: width * dots, height: height * dots })
  const pen = canvas.getContext('2d')
  pen.scale(dots, dots)
  return Object.assign(pen, { font: `700 11.5px ${family}`, textAlign: 'center', lineJoin: 'round' })
}

function write(pen, text, x, y, hue) {
  pen.setLineDash([])
  Object.assign(pen, { lineWidth: 2.7, strokeStyle: '#050608', fillStyle: hue })
  pen.strokeText(text, x, y)
  pen.fillText(text, x, y)
}
