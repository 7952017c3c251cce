// What is being imaged: the path, the steps, the newest image of every level with its age, and the CTF.

import { image } from '../api.js'
import { h } from '../dom.js'
import { capitalised, clock, decimal, plural } from '../format.js'
import { gridOfTarget, isHole, micrographName, numberOf, squareOf, targetName } from '../ids.js'
import { summaryOf } from '../estimates.js'
import { icon, link, picture, spark } from './parts.js'
import { isAlive } from './status.js'

// In the engine's order for a hole. Any other step (a load, an atlas, a wait) stands alone.
const holeSteps = ['move', 'align', 'focus', 'drift', 'expose', 'save']
const names = {
  load: 'Load grid', atlas: 'Take atlas', move: 'Move', align: 'Align', focus: 'Focus', drift: 'Drift', expose: 'Expose',
  save: 'Save', wait: 'Wait',
}

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
  return h('section.card', { key: 'now', 'aria-labelledby': 'h-now' },
    h('header.wrap', h('h2', { id: 'h-now' }, isNow ? 'Now' : 'Last'), crumbs(run, isNow), h('span.grow'), steps(run, isNow)),
    h('div.now.live', atlasShot(run, last.atlas, target), mapShot(run, 'square', last.square, target),
      mapShot(run, 'hole', last.hole, target), highMagShot(run, last.highMag), ctf(run, last.highMag)))
}

// The reading first: it comes as a step begins, the event of the target a little later.
const targetOf = ({ state, step }, isNow) =>
  (isNow ? step.target ?? state.target : null) ?? state.last.hole?.target ?? state.last.square?.target

function crumbs(run, isNow) {
  const { state, step } = run
  const target = targetOf(run, isNow)
  const gridID = isNow ? step.grid : target ? gridOfTarget(target) : state.current
  const grid = gridID && summaryOf(state, gridID)?.grid
  // Better no path than half of one.
  if (!grid) return h('span.crumb', 'Nothing has been imaged yet')
  const path = [`${grid.slot} ${grid.name}`]
  // The newest hole may belong to the grid before, while the next one is being loaded.
  if (target && gridOfTarget(target) === gridID) {
    path.push(`Square ${numberOf(squareOf(target), 's')}`)
    if (isHole(target)) path.push(targetName(target))
  }
  if (isNow && step.exposure) path.push(`Exposure ${step.exposure} of ${step.exposures}`)
  const summary = summaryOf(state, gridID)
  // A grid has no end while its prompt waits; for the operator it has ended.
  const finished = summary.endedAt ?? (
    state.prompt?.kind === 'gridFinished' && state.prompt.grid === gridID ? state.prompt.raisedAt : null
  )
  if (!isNow && finished) path.push(`${summary.status === 'stopped' ? 'stopped' : 'finished'} ${clock(finished)}`)
  return h('span.crumb',
    path.map(
      (part, index) => [
        index > 0 && icon('right', 's'), index === 0 || index === path.length - 1 ? h('b', { key: index }, part) : part
      ]
    ))
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
    if (index < current) return h('li.d', { key: name }, icon('check', 's'), label)
    return h(
      'li', { key: name, 'aria-current': index === current ? 'step' : undefined }, index === current && icon('run', 's'), label
    )
  }))
}

// Without an image `note` says what it waits for, and there is no link to an empty report.
function shot(run, { href, images = [], at, caption, note, isPair, ring }) {
  const face = images.length ? [
    ...images.map(({ src, alt }) => picture(run.app, src, alt)), ring, h('span.age', run.age(at)),
    // It may be of another target than the path above names.
    h('span.age.name', { 'aria-hidden': 'true' }, caption)
  ]
    : h('span.noimage', note)
  const body = [
    h('div.im', { class: isPair ? 'pair' : '' }, face), h('div.cap', h('b', caption), images.length ? h('span', note) : null)
  ]
  return images.length ? link(href, { class: 'shot' }, ...body) : h('div.shot', ...body)
}

// 400 pixels are sharp in a tile on any screen.
function atlasShot(run, atlas, target) {
  if (!atlas) return shot(run, { caption: 'Atlas', note: 'Atlas comes first' })
  const slot = summaryOf(run.state, atlas.grid)?.grid.slot
  return shot(run, {
    href: run.gridPath(atlas.grid), images: [{ src: image(atlas.grid, 400), alt: `Atlas of grid ${slot}` }], at: atlas.at,
    caption: 'Atlas', note: plural(atlas.squares, 'square'),
    ring: target && gridOfTarget(target) === atlas.grid ? run.here.onAtlas(squareOf(target)) : null
  })
}

function mapShot(run, level, map, target) {
  const isSquare = level === 'square'
  if (!map) return shot(run, isSquare ? { caption: 'Square', note: 'Squares come after the atlas' }
    : { caption: 'Hole', note: 'Holes come after a square' })
  const note = isSquare ? plural(map.found, 'hole') : plural(run.state.session.settings.exposuresPerHole, 'exposure')
  return shot(run, {
    href: `${run.gridPath(gridOfTarget(map.target))}?target=${map.target}`,
    images: [{ src: image(map.target, 400), alt: targetName(map.target) }], at: map.at,
    caption: targetName(map.target), note,
    ring: target && isSquare && isHole(target) && squareOf(target) === map.target ? run.here.onSquare(target, map.target) : null,
  })
}

// Side by side: each shows faults that the other hides.
function highMagShot(run, high) {
  if (!high) return shot(run, { isPair: true, caption: 'High mag', note: 'No exposure yet' })
  const name = micrographName(high.micrograph)
  const hole = high.micrograph.slice(0, high.micrograph.lastIndexOf('.'))
  return shot(run, {
    href: `${run.gridPath(gridOfTarget(hole))}?target=${hole}`, isPair: true, at: high.at, caption: `High mag ${name}`,
    note: 'image, power spectrum',
    images: [
      { src: image(high.micrograph, 400), alt: `Micrograph ${name}` },
      { src: image(high.micrograph, 400, 'spectrum'), alt: `Power spectrum of ${name}` }
    ],
  })
}

function ctf(run, high) {
  const { settings } = run.state.session
  const fit = high?.measurement.ctf
  // "Not yet": nothing was exposed. "No fit": no rings that a fit could be trusted on.
  const none = h('span.muted', high ? 'No fit' : 'Not yet')
  const isGood = fit && fit.fitResolution <= settings.fitLimit
  const number = (label, ...value) => h('div', h('dt', label), h('dd', ...value))
  // Missing where the hole's own image did not show its middle: unknown, not 0.
  const offset = high?.measurement.offset
  return h('div.ctf',
    h('dl.nums',
      h('div', h('dt', 'CTF fit'),
        fit ? h('dd.row.tight', { class: isGood ? 'c-ok' : 'c-warn' }, icon(isGood ? 'done' : 'warn', 's'),
          `${decimal(fit.fitResolution, 1)} Å`) : h('dd', { title: high?.measurement.reason }, none)),
      number(
        // A fit is in Å and positive under focus, as in RELION; pages are in µm and negative.
        'Defocus', fit ? decimal(-(fit.defocusU + fit.defocusV) / 20_000, 2) : none, ' ',
        high && h('small', `${fit ? 'µm, ' : ''}target ${decimal(high.targetDefocus, 2)}${fit ? '' : ' µm'}`)
      ),
      number('Astigmatism', fit ? decimal(fit.defocusU - fit.defocusV, 0) : none, ' ',
        fit && h('small', `Å, ${decimal(fit.angle, 0)}°`)),
      number('Offset', offset === undefined ? h('span.muted', high ? 'Unknown' : 'Not yet') : decimal(offset, 1), ' ',
        offset !== undefined && h('small', 'µm'))),
    trend(run, settings.fitLimit))
}

// 0 stands for no fit and leaves a gap.
function trend(run, limit) {
  const fits = (run.state.current ? summaryOf(run.state, run.state.current)?.fits ?? [] : []).slice(-40)
  const known = fits.filter((fit) => fit > 0)
  // Many of them are the first sign of bad ice.
  const without = fits.length - known.length
  const head = h('div.lbl.row.spread', h('span', 'CTF fit, last 40'), h('span', `limit ${limit} Å`))
  if (known.length < 2) return h('div', head, h('p.lbl', 'Drawn once there are two fits'))
  return h('div.trend40', head,
    spark(fits.map((fit) => (fit > 0 ? fit : null)),
      // A scale by the values alone would make the noise of a good session look like trouble. Low is good.
      { height: 62, limit, min: Math.min(2.4, ...known), max: Math.max(limit + 1, ...known) }),
    h('div.lbl.row.spread', h('span', `best ${decimal(Math.min(...known), 1)} Å`),
      without > 0 && h('span', `${without} without fit`), h('span', `worst ${decimal(Math.max(...known), 1)} Å`)))
}
