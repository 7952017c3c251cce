// What is being imaged: the path, the steps, the newest image of every level with its age, and the CTF.

import { image } from '../api.js'
import { angstrom, capitalised, clock, decimal, plural } from '../format.js'
import { gridName, gridOfTarget, holeOf, isHole, micrographName, numberOf, squareOf, targetName } from '../ids.js'
import { summaryOf } from '../estimates.js'
import { card, h, icon, link, picture, space, spark, stat } from './parts.js'
import { isAlive } from './status.js'

// In the engine's order for a hole. Any other step (a load, an atlas, a wait) stands alone.
const holeSteps = ['move', 'align', 'focus', 'drift', 'expose', 'save']
const names = { load: 'Load grid', atlas: 'Take atlas' }

const nameOf = (step) => names[step] ?? capitalised(step)

// Anything else follows the step's name as it came.
const phrases = [
  ['load', /^slot \d+$/, (slot) => `Load grid, ${slot}`], ['atlas', /pieces$/, (pieces) => `Take atlas, ${pieces}`],
  ['move', /^tilt /, (tilt) => tilt.replace('tilt', 'Tilt to')], ['focus', /^eucentric height$/, () => 'Find eucentric height'],
  ['expose', /^[a-z]+$/i, (area) => `Take ${area.toLowerCase()} image`], ['wait', /^liquid nitrogen$/, () => 'Fill nitrogen'],
  ['wait', /^\w+$/, (what) => `Wait for the ${what}`],
]

export function stepWords({ step, detail }) {
  if (!detail) return nameOf(step)
  const phrase = phrases.find(([of, pattern]) => of === step && pattern.test(detail))
  return phrase ? phrase[2](detail) : `${nameOf(step)} ${detail}`
}

/** What each step of a target said last: the measured drift would be gone as soon as the exposure begins. */
export class StepMemory {
  #target = null
  details = {}

  heard(step) {
    if (!step) return
    if (step.target !== this.#target) {
      this.#target = step.target
      this.details = {}
    }
    if (step.detail) this.details[step.step] = step.detail
  }
}

export function nowStrip(run) {
  const { state } = run
  // While a prompt waits the last reading may still name a step.
  const isNow = Boolean(run.step) && isAlive(state) && !state.prompt
  const { last } = state
  const target = targetOf(run, isNow)
  return card('', 'now', isNow ? 'Now' : 'Last', [crumbs(run, isNow), space(), steps(run, isNow)],
    h('div.now.live', atlasShot(run, last.atlas, target), squareShot(run, last.square, target),
      holeShot(run, last.hole), highMagShot(run, last.highMag), ctf(run, last.highMag)))
}

/** The reading first: it comes as a step begins, the event of the target a little later. */
export const targetNow = (state, step) => step?.target ?? state.target

const targetOf = ({ state, step }, isNow) =>
  (isNow ? targetNow(state, step) : null) ?? state.last.hole?.target ?? state.last.square?.target

function crumbs(run, isNow) {
  const { state, step } = run
  const target = targetOf(run, isNow)
  const gridID = isNow ? step.grid : target ? gridOfTarget(target) : state.current
  const grid = gridID && summaryOf(state, gridID)?.grid
  // Better no path than half of one.
  if (!grid) return h('span.crumb', 'Nothing has been imaged yet')
  const path = [gridName(grid)]
  // The newest hole may belong to the grid before, while the next one is being loaded.
  if (target && gridOfTarget(target) === gridID) {
    path.push(`Square ${numberOf(squareOf(target), 's')}`)
    if (isHole(target)) path.push(targetName(target))
  }
  if (isNow && step.exposure) path.push(`Exposure ${step.exposure} of ${step.exposures}`)
  const summary = summaryOf(state, gridID)
  // A grid has no end while its prompt waits; for the operator it has ended.
  const { prompt } = state
  const finished = summary.endedAt ?? (prompt?.kind === 'gridFinished' && prompt.grid === gridID && prompt.raisedAt)
  if (!isNow && finished) path.push(`${summary.status === 'stopped' ? 'stopped' : 'finished'} ${clock(finished)}`)
  return h('span.crumb', path.map((part, index) => [
    index > 0 && icon('right'), index === 0 || index === path.length - 1 ? h('b', { key: index }, part) : part
  ]))
}

function steps(run, isNow) {
  if (!isNow) return h('ol.steps', { 'aria-label': 'Steps' }, h('li', 'Nothing is being imaged'))
  const { step, detail } = run.step
  const list = holeSteps.includes(step) ? holeSteps : [step]
  const current = list.indexOf(step)
  return h('ol.steps', { 'aria-label': 'Steps' }, list.map((name, index) => {
    // A step still to come would show the figure of the exposure before.
    const said = index === current ? detail : index < current ? run.steps.details[name] : null
    const label = stepWords({ step: name, detail: said })
    if (index < current) return h('li.d', { key: name }, icon('check'), label)
    const isCurrent = index === current
    return h('li', { key: name, 'aria-current': isCurrent ? 'step' : undefined }, isCurrent && icon('run'), label)
  }))
}

// Without an image there is no link to an empty report.
const noShot = (caption, note, style) => h('div.shot', face(caption, h('span.noimage', note), style))

const face = (caption, pictures, style = '', note) =>
  [h('div.im', { class: style }, pictures), h('div.cap', h('b', caption), note && h('span', note))]

// 400 pixels are sharp in a tile on any screen. `images`: of what, its words and, of another than the image itself, its kind.
function shot(run, href, at, caption, note, images, { ring, style } = {}) {
  const pictures = images.map(([id, alt, kind]) => picture(image(id, 400, kind), alt))
  return link(href, { class: 'shot' }, ...face(caption, [
    ...pictures, ring, h('span.age', run.age(at)),
    // It may be of another target than the path above names.
    h('span.age.name', { 'aria-hidden': 'true' }, caption)
  ], style, note))
}

const reportOf = (run, target) => `${run.gridPath(gridOfTarget(target))}?target=${target}`

function atlasShot(run, atlas, target) {
  if (!atlas) return noShot('Atlas', 'Atlas comes first')
  const { grid, at, squares } = atlas
  const ring = target && gridOfTarget(target) === grid && run.here.onAtlas(squareOf(target))
  return shot(run, run.gridPath(grid), at, 'Atlas', plural(squares, 'square'),
    [[grid, `Atlas of grid ${summaryOf(run.state, grid)?.grid.slot}`]], { ring })
}

function squareShot(run, map, target) {
  if (!map) return noShot('Square', 'Squares come after the atlas')
  const ring = target && isHole(target) && squareOf(target) === map.target && run.here.onSquare(target, map.target)
  return mapShot(run, map, plural(map.found, 'hole'), ring)
}

const holeShot = (run, map) => (map
  ? mapShot(run, map, plural(run.state.session.settings.exposuresPerHole, 'exposure'))
  : noShot('Hole', 'Holes come after a square'))

const mapShot = (run, { target, at }, note, ring) =>
  shot(run, reportOf(run, target), at, targetName(target), note, [[target, targetName(target)]], { ring })

// Side by side: each shows faults that the other hides.
function highMagShot(run, high) {
  if (!high) return noShot('High mag', 'No exposure yet', 'pair')
  const { micrograph, at } = high
  const name = micrographName(micrograph)
  return shot(run, reportOf(run, holeOf(micrograph)), at, `High mag ${name}`, 'image, power spectrum',
    [[micrograph, `Micrograph ${name}`], [micrograph, `Power spectrum of ${name}`, 'spectrum']], { style: 'pair' })
}

/** In µm and negative under focus, as on all pages: a fit is in Å and positive, as in RELION. */
export const defocusOf = ({ defocusU, defocusV }) => decimal(-(defocusU + defocusV) / 20_000, 2)

function ctf(run, high) {
  const { settings } = run.state.session
  const fit = high?.measurement.ctf
  // "Not yet": nothing was exposed. "No fit": no rings that a fit could be trusted on.
  const none = () => h('span.muted', { title: high?.measurement.reason }, high ? 'No fit' : 'Not yet')
  const isGood = fit && fit.fitResolution <= settings.fitLimit
  // Missing where the hole's own image did not show its middle: unknown, not 0.
  const offset = high?.measurement.offset
  return h('div.ctf',
    h('dl.nums',
      stat('CTF fit', fit ? h('span.row.tight', { class: isGood ? 'c-ok' : 'c-warn' }, icon(isGood ? 'done' : 'warn'),
        angstrom(fit.fitResolution)) : none()),
      stat('Defocus', fit ? defocusOf(fit) : none(), ' ',
        high && h('small', `${fit ? 'µm, ' : ''}target ${decimal(high.targetDefocus, 2)}${fit ? '' : ' µm'}`)),
      stat('Astigmatism', fit ? decimal(fit.defocusU - fit.defocusV, 0) : none(), ' ',
        fit && h('small', `Å, ${decimal(fit.angle, 0)}°`)),
      stat('Offset', offset === undefined ? h('span.muted', high ? 'Unknown' : 'Not yet') : decimal(offset, 1), ' ',
        offset !== undefined && h('small', 'µm'))),
    trend(run, settings.fitLimit))
}

// 0 stands for no fit and leaves a gap.
function trend(run, limit) {
  const fits = (summaryOf(run.state, run.state.current)?.fits ?? []).slice(-40)
  const known = fits.filter((fit) => fit > 0)
  // Many of them are the first sign of bad ice.
  const without = fits.length - known.length
  const head = h('div.lbl.row.spread', h('span', 'CTF fit, last 40'), h('span', `limit ${limit} Å`))
  if (known.length < 2) return h('div', head, h('p.lbl', 'Drawn once there are two fits'))
  return h('div.trend40', head,
    spark(fits.map((fit) => (fit > 0 ? fit : null)),
      // The values alone as scale would make the noise of a good session look like trouble. Low is good.
      { height: 62, limit, min: Math.min(2.4, ...known), max: Math.max(limit + 1, ...known) }),
    h('div.lbl.row.spread', h('span', `best ${angstrom(Math.min(...known))}`),
      without > 0 && h('span', `${without} without fit`), h('span', `worst ${angstrom(Math.max(...known))}`)))
}
