// Rings around the present target. The session's topic has no places: a grid's targets are read once, and again for one that was
// not among them.

import { get, gridPath, raw } from '../api.js'
import { at } from '../base.js'
import { h } from '../dom.js'
import { gridOfTarget } from '../ids.js'
import { hereMark, shownAt } from './marks.js'

export class Here {
  #targets = new Map()
  #atlases = new Map()
  // So that what the server does not know is not asked for at every painting.
  #asked = new Set()

  constructor(app) { this.app = app }

  onAtlas(square) { return ring(this.#atlas(gridOfTarget(square)), this.#target(square)) }
  onSquare(hole, square) { return ring(this.#target(square)?.image, this.#target(hole)) }

  #target(id) {
    this.#ask(id, async () => {
      const { items } = await get(`${gridPath(gridOfTarget(id))}/targets`)
      for (const item of items) this.#targets.set(item.id, item)
    })
    return this.#targets.get(id)
  }

  // Places are in pixels of the file; an MRC file begins with its size.
  #atlas(grid) {
    this.#ask(grid, async () => {
      const answer = await fetch(at(raw(grid)), { headers: { Range: 'bytes=0-7' } })
      const size = new DataView(await answer.arrayBuffer())
      if (answer.ok) this.#atlases.set(grid, { width: size.getInt32(0, true), height: size.getInt32(4, true) })
    })
    return this.#atlases.get(grid)
  }

  async #ask(id, read) {
    if (this.#asked.has(id) || this.#targets.has(id) || this.app.live.isStale) return
    this.#asked.add(id)
    // Without an answer there is no ring, and nothing else is missing.
    await read().catch(() => {})
    this.app.invalidate()
  }
}

function ring(image, target) {
  if (!image || !target?.point) return null
  const { x, y } = shownAt(image, target.point)
  return h('svg.ov.onshot',
    { viewBox: `0 0 ${image.width} ${image.height}`, preserveAspectRatio: 'xMidYMid slice', 'aria-hidden': 'true' },
    hereMark(image, x, y, Math.max(target.size * 0.9, image.width * 0.045), image.width * 0.08))
}
