// The grid report: numbers, maps, high-magnification images, and what may be done with targets.

import { Commands, editQueue, whyNoEdit } from '../commands.js'
import { h } from '../dom.js'
import { moment, throughput } from '../estimates.js'
import { count, decimal, medianFit, plural } from '../format.js'
import { foldGrid } from '../state.js'
import { gridOfTarget, holeOf, isHole, squareOf } from '../ids.js'
import { memo, under } from '../memo.js'
import { atlasCard } from './atlas.js'
import { exposeAgain, gridAct } from './gridActs.js'
import { slotState } from './grids.js'
import { highMag } from './highmag.js'
import { TargetMap } from './map.js'
import { GridNotes } from './notes.js'
import { button, icon, link, pill, problemNotice, stat } from './parts.js'
import { holeCard, squareCard } from './square.js'
import { isAlive } from './status.js'
import { Zoom } from './zoom.js'

const fitWords = (fits) => medianFit(fits).replace(/^n/, 'N')
// As `TargetQueue` on the server: what may have been exposed could get a second dose.
const addable = new Set(['found', 'failed'])
const imaged = new Set(['acquired', 'processed', 'completed'])

export class GridReport {
  filter = 'all'
  #chosen = null

  /** `session()` gives the live topic of the grid's session. */
  constructor(app, grid, session) {
    Object.assign(this, { app, grid, session })
    this.commands = new Commands(app, session)
    this.atlas = new TargetMap(app, 'map-atlas', 'Squares of the atlas', (id) => this.choose(id))
    this.holeZoom = new Zoom(app, 'map-hole')
    this.holes = new TargetMap(app, 'map-square', 'Holes of the square', (id) => this.choose(id))
    this.notes = new GridNotes(this)
    // A target of another grid would leave the maps without what they are to show.
    const asked = new URLSearchParams(location.search).get('target')
    if (asked && gridOfTarget(asked) === grid) this.#chosen = asked
  }

  open() {
    const changed = () => {
      this.notes.heard()
      this.app.changed()
    }
    const watch = this.app.live.watch(`grid/${this.grid}`, { fold: foldGrid, changed })
    this.topic = watch.topic
    this.close = () => {
      this.notes.close()
      watch.close()
    }
  }

  get state() { return this.topic.state }
  get run() { return this.session()?.state }
  get controls() { return Boolean(this.run?.me?.controls) }
  get rests() { return whyNoEdit(this.commands, this.app.live) }

  // What the run is at now, while that is of this grid.
  get here() {
    const { run } = this
    if (!run || !isAlive(run) || run.prompt) return null
    const step = this.session().readings.step?.data ?? run.readings?.step
    // The reading first: it comes as a step begins, the event of the target a little later.
    const target = step?.target ?? run.target
    return target && gridOfTarget(target) === this.grid ? target : null
  }

  get highlighted() { return this.highlightedMicrograph ? holeOf(this.highlightedMicrograph) : null }
  get highlightedSquare() { return this.highlighted ? squareOf(this.highlighted) : null }

  // Null without a choice: the images of all holes are seen first.
  get hole() { return this.#chosen && isHole(this.#chosen) ? this.#chosen : null }

  // Without a choice the page follows the run: the newest square with an image.
  get square() {
    if (this.#chosen) return squareOf(this.#chosen)
    const imaged = this.state.squares.filter(({ image }) => image)
    return imaged.sort((left, right) => (left.image.takenAt < right.image.takenAt ? 1 : -1))[0]?.id ?? null
  }

  // Replaced, so that Back leads to the page before, not through every hole that was looked at.
  choose(id) {
    this.#chosen = id ?? this.square
    this.holes.clear()
    history.replaceState(null, '', `${location.pathname}${id ? `?target=${id}` : ''}`)
    this.app.invalidate()
  }

  // Commands answer on the session's topic.
  heard(frame) { this.commands.heard(frame) }

  painted() {
    this.atlas.painted()
    this.holes.painted()
    this.holeZoom.painted()
    this.notes.painted()
  }

  async edit(act, changes) {
    const isDone = await editQueue(this.commands, this.app, this.session(), act, changes)
    if (!isDone) return
    this.atlas.clear()
    this.holes.clear()
  }

  /** As the queue has it: one that was skipped stays so when its grid ends, and then waits no more. */
  standing({ id, status }) {
    if (status !== 'skipped' || !this.run) return status
    const { items } = this.run.queue
    return memo(items, 'ids', [], () => new Set(items.map((item) => item.id))).has(id) ? status : 'found'
  }

  /** What these holes have been exposed to, whatever became of the movies. */
  exposuresOf(holes) {
    return holes.flatMap(({ id }) => under(this.state.micrographs, id)).filter(({ status }) => status !== 'notTaken')
  }

  againButton(holes, exposures) {
    return holes.every((hole) => imaged.has(hole.status) || addable.has(this.standing(hole))) && button(
      { class: 'sm', key: 'again', reason: this.rests, press: () => exposeAgain(this, holes, exposures) }, 'Expose again…')
  }

  wasExposed(square) {
    const { micrographs } = this.state
    return memo(micrographs, 'exposed squares', [], () => new Set(
      micrographs.filter(({ status }) => status !== 'notTaken').map(({ id }) => squareOf(holeOf(id))))).has(square)
  }

  // A square that is mapped again gets its holes anew, and images of the old ones would lose their place.
  canMapAgain({ id, status }) {
    const waits = ['queued', 'skipped', 'acquiring']
    return imaged.has(status) && !this.wasExposed(id)
      && !under(this.state.holes, id).some((hole) => waits.includes(this.standing(hole)))
  }

  /** A button that edits the queue. `words` name the act where it is refused, `why` is what it waits for. */
  act(label, changes, { words = label, style = '', why, face } = {}) {
    return button(
      { class: `sm ${style}`, key: label, reason: this.rests ?? why, press: () => this.edit(words, changes) }, face, label
    )
  }

  selectionBar(map, picked, word) {
    // Valid for all or not offered: done for only some of them, nobody could be sure for which.
    const ids = picked.map(({ id }) => id)
    const all = (...statuses) => picked.every((target) => statuses.includes(this.standing(target)))
    // A square with exposed holes is not mapped again, however it stands.
    const exposures = word === 'square' ? ids.filter((id) => this.wasExposed(id)) : this.exposuresOf(picked)
    return h('div.tb.selbar', h('span.nowrap', `${plural(picked.length, word)} selected`), h('span.grow'),
      picked.every((target) => addable.has(this.standing(target))) && !exposures.length
        && this.act('Add to queue', { add: ids }, { style: 'primary' }),
      word === 'hole' && exposures.length > 0 && this.againButton(picked, exposures),
      word === 'square' && picked.every((square) => this.canMapAgain(square)) && this.act('Map again', { add: ids }),
      all('queued') && [this.act('Image next', { first: ids }), this.act('Skip', { skip: ids })],
      all('skipped') && this.act('Undo skip', { unskip: ids }),
      all('queued', 'skipped') && this.act('Remove from queue', { remove: ids }),
      button({
        class: 'sm icon ghost', key: 'clear', 'aria-label': 'Clear selection', title: 'Clear selection, Esc',
        press: () => map.clear()
      }, icon('x', 's')))
  }

  render() {
    if (this.topic.problem && !this.state) return problemNotice(this.topic.problem)
    if (!this.state) return h('p.dim', { role: 'status', key: 'loading' }, 'Loading the grid…')
    return [
      this.#header(),
      h('section.maps', { key: `maps ${this.grid}`, 'aria-label': 'Maps' }, atlasCard(this), squareCard(this), holeCard(this)),
      highMag(this)
    ]
  }

  #header() {
    const { grid, problem, micrographs } = this.state
    const summary = this.run?.grids.find((candidate) => candidate.grid.id === this.grid)
    const standing = this.run && slotState(this.run, summary)
    const kind = { done: problem ? 'warn' : 'ok', run: 'run', pause: 'warn', error: 'err' }[standing?.name] ?? ''
    const film = [this.state.microscope, this.state.detector].filter(Boolean).join(', ')
    const { placement, matchScore } = this.state
    // Against the atlas that is shown.
    const lies = placement && `loaded again: turned by ${decimal(placement.rotation, 1)}°, moved by `
      + `${decimal(Math.hypot(placement.shift.x, placement.shift.y), 0)} µm, match ${decimal(matchScore, 2)}`
    const place = [
      film, `position ${grid.slot}`, [grid.holeType, grid.meshMaterial].filter(Boolean).join(', '), `recipe ${grid.recipe}`, lies
    ].filter(Boolean).join(' · ')
    return h('section.card.report-h', { key: `head ${this.grid}`, 'aria-label': 'Grid status' },
      h('div.row.wrap.titles', h('h1', `${grid.slot} ${grid.name}`),
        standing && pill({ kind, icon: standing.icon, word: standing.word }, { large: true }), h('span.grow'),
        this.notes.quality(), gridAct(this, summary),
        // Without a movie a STAR file would be empty, and programs that read it complain in odd ways.
        micrographs.some(({ savedAt }) => savedAt) && h('a.btn',
          { href: `/api/grids/${encodeURIComponent(this.grid)}/export/micrographs_ctf.star`, download: true },
          icon('dl', 's'), 'STAR file'),
        h('a.btn', { href: `/api/grids/${encodeURIComponent(this.grid)}/export/report.html`, download: true }, icon('dl', 's'),
          'Report (HTML)'),
        this.run && link(`/sessions/${this.run.session.id}/run`, { class: 'btn primary' }, 'View session controls')),
      h('p.dim.place', place), problem && h('p', { class: this.state.status === 'completed' ? 'c-warn' : 'c-err' }, problem),
      this.notes.field(), this.#numbers())
  }

  #numbers() {
    const { holes, micrographs } = this.state
    const [queued, done] = memo(holes, 'counts', [], () => [['queued'], [...imaged]].map((statuses) =>
      count(holes.filter(({ status }) => statuses.includes(status)).length)))
    // What only grows older is looked at every ten seconds.
    const now = Math.floor(moment(this.app.live) / 10_000) * 10_000
    return h('dl.stats-row', stat('Holes in queue', queued), stat('Holes acquired', done),
      memo(micrographs, 'numbers', [now], () => {
      // Only what is whole on the disk counts: what is being exposed may still fail.
      const saved = micrographs.filter(({ savedAt }) => savedAt)
      const newest = saved.filter(({ savedAt }) => now - Date.parse(savedAt) < 3_600_000)
      return [
        // Pauses included: how long such a grid takes, not how fast the microscope is.
        stat('Holes per hour, first to last', perHour(saved)),
        stat('Holes in the last hour', count(new Set(newest.map(({ id }) => holeOf(id))).size)),
        stat('Images', count(saved.length)),
        stat('Median CTF fit', fitWords(micrographs.map(({ measurement }) => measurement?.ctf?.fitResolution ?? 0)))
      ]
    }))
  }
}

// By the rule of the run page, over the whole grid instead of an hour.
function perHour(saved) {
  const firsts = new Map(saved.toReversed().map(({ id, savedAt }) => [holeOf(id), savedAt]))
  const { perHour: rate } = throughput([...firsts.values()], Date.parse(saved.at(-1)?.savedAt), Infinity)
  return rate === null ? 'Not yet' : count(rate)
}
