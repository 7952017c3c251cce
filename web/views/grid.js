// The grid report: numbers, maps, high-magnification images, and what may be done with targets.

import { gridPath } from '../api.js'
import { Commands, editQueue, whyNoEdit } from '../commands.js'
import { moment, throughput } from '../estimates.js'
import { capitalised, count, decimal, listed, medianFit, plural } from '../format.js'
import { foldGrid } from '../state.js'
import { gridName, gridOfTarget, holeOf, isHole, squareOf } from '../ids.js'
import { memo, under } from '../memo.js'
import { exposeAgain, gridAct } from './gridActs.js'
import { slotState } from './grids.js'
import { highMag } from './highmag.js'
import { TargetMap } from './map.js'
import { GridNotes } from './notes.js'
import { targetNow } from './now.js'
import { awaited, button, h, icon, link, pill, space, stat } from './parts.js'
import { atlasCard, holeCard, squareCard } from './square.js'
import { isAlive } from './status.js'
import { Zoom } from './zoom.js'

// As `TargetQueue` on the server: what may have been exposed could get a second dose.
const addable = new Set(['found', 'failed'])
const imaged = new Set(['acquired', 'processed', 'completed'])
const hadDose = ({ status }) => status !== 'notTaken'

export class GridReport {
  filter = 'all'
  #chosen = null

  /** `session()` gives the live topic of the grid's session. */
  constructor(app, grid, session) {
    Object.assign(this, { app, grid, session })
    this.commands = new Commands(app, session)
    const choose = (id) => this.choose(id)
    this.atlas = new TargetMap(app, 'map-atlas', 'Squares of the atlas', choose)
    this.holes = new TargetMap(app, 'map-square', 'Holes of the square', choose)
    this.holeZoom = new Zoom(app, 'map-hole')
    this.notes = new GridNotes(this)
    // A target of another grid would leave the maps without what they are to show.
    const asked = new URLSearchParams(location.search).get('target')
    if (asked && gridOfTarget(asked) === grid) this.#chosen = asked
  }

  open() {
    const changed = () => { this.notes.heard(); this.app.changed() }
    const { topic, close } = this.app.live.watch(`grid/${this.grid}`, { fold: foldGrid, changed })
    this.topic = topic
    this.close = () => { this.notes.close(); close() }
  }

  get state() { return this.topic.state }
  get run() { return this.session()?.state }
  get controls() { return Boolean(this.run?.me?.controls) }
  get rests() { return whyNoEdit(this.commands, this.app.live) }

  // What the run is at now, while that is of this grid.
  get here() {
    const { run } = this
    if (!run || !isAlive(run) || run.prompt) return null
    const target = targetNow(run, this.session().readings.step?.data ?? run.readings?.step)
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
  }

  // Commands answer on the session's topic.
  heard(frame) { this.commands.heard(frame) }

  painted() { for (const part of [this.atlas, this.holes, this.holeZoom, this.notes]) part.painted() }

  async edit(act, changes) {
    if (!await editQueue(this.commands, this.app, this.session(), act, changes)) return
    this.atlas.clear()
    this.holes.clear()
  }

  /** As the queue has it: one skipped stays so when its grid ends, and then waits no more. */
  standing({ id, status }) {
    if (status !== 'skipped' || !this.run) return status
    const { items } = this.run.queue
    return memo(items, 'ids', [], () => new Set(items.map((item) => item.id))).has(id) ? status : 'found'
  }

  /** What these holes have been exposed to, whatever became of the movies. */
  exposuresOf(holes) {
    return holes.flatMap(({ id }) => under(this.state.micrographs, id)).filter(hadDose)
  }

  againButton(holes, exposures) {
    return holes.every((hole) => imaged.has(hole.status) || addable.has(this.standing(hole))) && button(
      { class: 'sm', key: 'again', reason: this.rests, press: () => exposeAgain(this, holes, exposures) }, 'Expose again…')
  }

  wasExposed(square) {
    const { micrographs } = this.state
    return memo(micrographs, 'exposed squares', [], () => new Set(
      micrographs.filter(hadDose).map(({ id }) => squareOf(holeOf(id))))).has(square)
  }

  // A square that is mapped again gets its holes anew: images of the old ones would lose their place.
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
    // Valid for all or not offered: done for only some, nobody could be sure for which.
    const ids = picked.map(({ id }) => id)
    const all = (...statuses) => picked.every((target) => statuses.includes(this.standing(target)))
    // A square with exposed holes is not mapped again, however it stands.
    const exposures = word === 'square' ? ids.filter((id) => this.wasExposed(id)) : this.exposuresOf(picked)
    return h('div.tb.selbar', h('span.nowrap', `${plural(picked.length, word)} selected`), space(),
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
      }, icon('x')))
  }

  render() {
    if (!this.state) return awaited(this, 'grid')
    return [
      this.#header(),
      h('section.maps', { key: `maps ${this.grid}`, 'aria-label': 'Maps' }, atlasCard(this), squareCard(this), holeCard(this)),
      highMag(this)
    ]
  }

  #header() {
    const { grid, problem, micrographs, microscope, detector, placement, matchScore } = this.state
    const summary = this.run?.grids.find((candidate) => candidate.grid.id === this.grid)
    const standing = this.run && slotState(this.run, summary)
    const kind = { done: problem ? 'warn' : 'ok', run: 'run', pause: 'warn', error: 'err' }[standing?.name] ?? ''
    // Against the atlas that is shown.
    const lies = placement && `loaded again: turned by ${decimal(placement.rotation, 1)}°, moved by `
      + `${decimal(Math.hypot(placement.shift.x, placement.shift.y), 0)} µm, match ${decimal(matchScore, 2)}`
    const place = listed([listed([microscope, detector]), `position ${grid.slot}`, listed([grid.holeType, grid.meshMaterial]),
      `recipe ${grid.recipe}`, lies], ' · ')
    const exported = (file, words) =>
      h('a.btn', { key: file, href: `${gridPath(this.grid)}/export/${file}`, download: true }, icon('dl'), words)
    return h('section.card.report-h', { key: `head ${this.grid}`, 'aria-label': 'Grid status' },
      h('div.row.wrap.titles', h('h1', gridName(grid)),
        standing && pill({ kind, icon: standing.icon, word: standing.word }, { large: true }), space(),
        this.notes.quality(), gridAct(this, summary),
        // Without a movie a STAR file would be empty, which some programs cannot read.
        micrographs.some(({ savedAt }) => savedAt) && exported('micrographs_ctf.star', 'STAR file'),
        exported('report.html', 'Report (HTML)'),
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
      // Only what is whole on the disk counts: an exposure may still fail.
      const saved = micrographs.filter(({ savedAt }) => savedAt)
      const newest = saved.filter(({ savedAt }) => now - Date.parse(savedAt) < 3_600_000)
      return [
        // Pauses included: how long such a grid takes, not how fast the microscope is.
        stat('Holes per hour, first to last', perHour(saved)),
        stat('Holes in the last hour', count(new Set(newest.map(({ id }) => holeOf(id))).size)),
        stat('Images', count(saved.length)),
        stat('Median CTF fit', capitalised(medianFit(micrographs.map(({ measurement }) => measurement?.ctf?.fitResolution ?? 0))))
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
