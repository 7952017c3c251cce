// High-magnification images: a card each, newest first.

import { image } from '../api.js'
import { angstrom, clockSeconds, decimal, inWords } from '../format.js'
import { micrographName } from '../ids.js'
import { memo, under } from '../memo.js'
import { downloads } from './mapTools.js'
import { defocusOf } from './now.js'
import { brokenImages, button, h, icon, oneOf, pathThrough, picture, pill, segments, select, space, stat, yes } from './parts.js'

// Thousands of cards would make every page slow, and the server scales two pictures for each that comes near.
const shownAtOnce = 60

// The session's, which may be changed; a grid has the one that it began with.
const limitOf = ({ run, state }) => run?.session?.settings?.fitLimit ?? state.fitLimit

export function highMag(report) {
  const { state, hole } = report
  const lists = listsOf(hole ? under(state.micrographs, hole) : state.micrographs, limitOf(report))
  const { all, worse, without, unrated } = lists
  const list = lists[report.filter] ?? all
  const shown = list.slice(0, report.shownImages ?? shownAtOnce)
  const choices = [['all', `All ${all.length}`], ['worse', `CTF worse than ${limitOf(report)} Å, ${worse.length}`],
    ['without', `No fit ${without.length}`], ['unrated', `Unrated ${unrated.length}`]]
  return [
    h('div.row.spread.wrap', { key: 'hm-head' },
      h('h2', `High magnification${hole ? `, hole ${micrographName(`${hole}.m1`).split('-')[0]}` : ''} `,
        h('span.dim.plain', `${all.length}, newest first`)),
      all.length > 0 && h('div.row.wrap',
        hole && button({ class: 'sm', key: 'all-holes', press: () => report.choose(null) }, 'All holes'),
        segments('Filter images', oneOf(choices, report.filter, (name) => { report.filter = name })))),
    all.length === 0 ? h('p.dim', { key: 'hm-none' }, 'No exposure yet') : h(
      'section.hm', { key: 'hm', 'aria-label': 'High-magnification images' }, shown.map((micrograph) => kept(report, micrograph))
    ),
    list.length > shown.length && button({
      class: 'ghost', key: 'hm-more', press: () => { report.shownImages = shown.length + shownAtOnce }
    }, `Show ${Math.min(shownAtOnce, list.length - shown.length)} more of ${list.length}`),
  ]
}

const listsOf = (micrographs, limit) => memo(micrographs, 'lists', [limit], () => {
  const all = micrographs.toReversed()
  return {
    all,
    worse: all.filter(({ measurement }) => measurement?.ctf?.fitResolution > limit),
    // Still being processed is not "no fit": it may have one in a minute.
    without: all.filter(({ measurement, status }) => status === 'unprocessable' || (measurement && !measurement.ctf)),
    unrated: all.filter(({ savedAt, rating }) => savedAt && !rating),
  }
})

const ratings = ['great', 'acceptable', 'notBad', 'cracked', 'empty', 'contaminated', 'badIce', 'missed']

// The server has no news of what has not changed.
const rate = (report, { id, rating: was = null }, rating) => rating !== was && report.commands.do(
  `rating ${id}`, `Rating image ${micrographName(id)}`, 'PUT', `/api/micrographs/${encodeURIComponent(id)}/rating`, { rating })

// What was not saved has nothing to be judged by.
const canRate = (report, { savedAt }) => report.controls && savedAt

function ratingOf(report, micrograph, name) {
  const { id, rating, ratedBy } = micrograph
  const { rests } = report
  const title = rests ?? (ratedBy && `Rated by ${ratedBy}`)
  if (!canRate(report, micrograph)) return rating && h('span.tag', { title }, inWords(rating))
  const choose = (wanted) => rests || rate(report, micrograph, wanted || null)
  return select('.sm.rating', [['', rating ? 'No rating' : 'Rate'], ...ratings.map((each) => [each, inWords(each)])], choose, {
    'aria-label': `Rating of image ${name}`, class: rating ? 'set' : '', value: rating ?? '', title, decides: true,
    'aria-disabled': yes(rests), 'aria-busy': yes(report.commands.isSent(`rating ${id}`)),
  })
}

// 1 to 8 in the order of the menu, 0 for none; not from a control inside the card.
function pressed(report, micrograph, event) {
  const { key, target, currentTarget: element, ctrlKey, metaKey, altKey } = event
  if (target !== element || ctrlKey || metaKey || altKey || !/^[0-8]$/.test(key)) return
  if (!canRate(report, micrograph) || report.rests) return
  event.preventDefault()
  rate(report, micrograph, ratings[key - 1] ?? null)
  // This card is about to leave the list, and the focus with it.
  if (report.filter === 'unrated') element.nextElementSibling?.focus()
}

// A card is described anew only when something about it has changed: its plots take long.
function kept(report, micrograph) {
  const { app, controls, commands, rests, state } = report
  const { id } = micrograph
  const deps = [
    report, limitOf(report), controls, rests, commands.isSent(`rating ${id}`), app.openMenu === `files-${id}`, brokenImages.size
  ]
  return memo(micrograph, 'card', deps, () => card(report, micrograph))
}

// Without a measurement. `left` is one that a person decided not to repeat.
const stateWords = {
  exposing: ['run', 'run', 'Exposing'], saved: ['', 'clock', 'Being processed'], unprocessable: ['err', 'error', 'Not processed'],
  notTaken: ['', 'skip', 'Not taken'], unknown: ['warn', 'warn', 'Unknown'], left: ['', 'skip', 'Left as it is']
}

function fitPill({ status, measurement }, limit) {
  const fit = measurement?.ctf?.fitResolution
  const [kind, shape, word] = !measurement ? stateWords[status] ?? stateWords.unknown
    // Amber and not red: the image may be fine, and the ice thick.
    : fit <= limit ? ['ok', 'done', angstrom(fit)] : ['warn', 'warn', fit ? angstrom(fit) : 'No fit']
  return pill({ kind, icon: shape, word })
}

function card(report, micrograph) {
  const { id, measurement, status, problem, movie, savedAt, pixelSize } = micrograph
  const { app, state } = report
  const name = micrographName(id)
  // On focus too, so that keyboard users find the hole on the map.
  const light = (on) => () => { report.highlightedMicrograph = on ? id : null }
  return h('article.card.hmc', {
    key: id, tabindex: '0', 'aria-label': `Image ${name}`,
    on: {
      mouseenter: light(true), mouseleave: light(false), focus: light(true), blur: light(false),
      keydown: (event) => pressed(report, micrograph, event)
    }
  },
    h('header', h('h3', name), fitPill(micrograph, limitOf(report)), space(), ratingOf(report, micrograph, name),
      measurement && downloads(app, id, `image ${name}`),
      measurement && h('a.btn.ghost.icon.sm', {
        // In this tab a large picture would cost the place in the list.
        href: image(id, 4096), target: '_blank', rel: 'noopener', 'aria-label': `Enlarge image ${name}`
      }, icon('full', 'm'))),
    h('div.pair',
      measurement ? [
        picture(image(id, 360), `Micrograph ${name}`, 'lazy'),
        picture(image(id, 360, 'spectrum'), `Power spectrum of ${name}`, 'lazy')
      ]
      : h('span.noimage',
        problem ?? (status === 'exposing' ? 'Being exposed' : status === 'saved' ? 'Being processed' : 'No image'))),
    numbers(micrograph, limitOf(report)), told(measurement?.stated),
    // Before a measurement an empty plot would look like a flat result.
    measurement && h('div.fit', fitPlot(measurement), motionPlot(measurement, pixelSize)), doubts(measurement),
    h('div.ft.mono', `${movie.slice(movie.lastIndexOf('/') + 1)}${savedAt ? `, ${clockSeconds(savedAt)}` : ''}`,
      // Named only where another program than this one did a step.
      measurement?.programs?.length && h('span', ` · by ${measurement.programs.join(', ')}`)))
}

function numbers({ measurement, pixelSize, status }, limit) {
  const fit = measurement?.ctf
  // "Not yet" is a promise: only an exposure that is still on its way gets it.
  const none = status === 'exposing' || status === 'saved' ? 'Not yet' : 'None'
  const ofFit = (words) => (fit ? words(fit) : measurement ? 'No fit' : none)
  const hue = fit ? (fit.fitResolution <= limit ? 'c-ok' : 'c-warn') : 'muted'
  return h('dl.nums', stat('CTF fit', h('span', { class: hue }, ofFit(({ fitResolution }) => angstrom(fitResolution)))),
    stat('Defocus', ofFit(() => `${defocusOf(fit)} µm`)),
    stat('Astigmatism', ofFit(() => `${decimal(fit.defocusU - fit.defocusV, 0)} Å`)),
    stat('Angle', ofFit(() => `${decimal(fit.angle, 0)}°`)),
    stat('Offset', measurement?.offset !== undefined ? `${decimal(measurement.offset, 1)} µm` : measurement ? 'Unknown' : none),
    // Of the measured image, which may have been binned.
    stat('Pixel size', `${decimal(measurement?.pixelSize ?? pixelSize, 2)} Å`))
}

// What other programs wrote in the movie's file and beside it.
function told(stated) {
  const fact = (name, digits, unit) => stated?.[name] !== undefined && `${decimal(stated[name], digits)} ${unit}`
  const facts = [
    fact('pixelSize', 3, 'Å a pixel'), fact('dose', 1, 'e/Å²'), fact('voltage', 0, 'kV'), fact('defocus', 2, 'µm set')
  ].filter(Boolean)
  return facts.length > 0 && h('p.told.dim.small', `Written by ${stated.sources.join(' and ')}: ${facts.join(', ')}`)
}

const warningWords = {
  iceRing: 'Crystalline ice: a ring near 3.7 Å', astigmatism: 'More astigmatism than a tuned microscope has',
  searchLimit: 'Defocus at the edge of the search range', aliasing: 'Rings too narrow to follow further',
  motion: 'The specimen moved a long way during the exposure',
}

function doubts(measurement) {
  const words = [...(measurement?.warnings ?? []).map((warning) => warningWords[warning] ?? warning),
    ...(measurement?.remarks ?? [])]
  return words.length > 0 && h(
    'ul.doubts', { 'aria-label': 'Warnings' }, words.map((word) => h('li', { key: word }, icon('warn'), word))
  )
}

// The path of the content from frame to frame, to its own scale; how far it moved is written below.
function motionPlot({ shifts, totalMotion, earlyMotion }, pixelSize) {
  if (!(shifts?.length > 1)) return null
  const side = 54
  const xs = shifts.map(({ x }) => x)
  const ys = shifts.map(({ y }) => -y)
  // At least 2 Å wide, or the jitter of a still specimen would look like a drift.
  const span = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys), 2 / pixelSize)
  const middle = (list) => (Math.max(...list) + Math.min(...list)) / 2
  const at = (value, list) => side / 2 + ((value - middle(list)) / span) * (side - 10)
  const points = shifts.map((_, index) => [at(xs[index], xs), at(ys[index], ys)])
  const early = earlyMotion === undefined ? '' : `, ${angstrom(earlyMotion)} of it in the first 4 e/Å²`
  const words = `Path of the specimen over ${shifts.length} frames: ${angstrom(totalMotion)}${early}`
  return h('figure.motion', { title: words },
    h('svg.fitplot', { viewBox: `0 0 ${side} ${side}`, role: 'img', 'aria-label': words },
      h('path.b', { d: pathThrough(points) }), h('circle', { cx: points[0][0], cy: points[0][1], r: 2.5 })),
    h('figcaption', angstrom(totalMotion)))
}

function fitPlot({ ctf: fit, reason }) {
  // The server's sentence takes the plot's place, where people look for the fit.
  if (!fit && reason) return h('p.dim.small.grow', reason)
  if (!fit?.profile?.length || !fit.profileLimit) return null
  const [width, height] = [240, 54]
  const values = [...fit.profile, ...fit.curve]
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const line = (list) => pathThrough(list.map((value, index) => [
    (index / (fit.profile.length - 1)) * width, height - 4 - ((value - low) / (high - low || 1)) * (height - 8)
  ]))
  // The profile runs up to `profileLimit`, in 1/Å.
  const end = Math.min(1, 1 / fit.fitResolution / fit.profileLimit)
  // A tenth farther than it fits, so that one can see how the curves part.
  const fitted = fit.curve.slice(0, Math.max(2, Math.ceil(fit.curve.length * Math.min(1, end * 1.1))))
  const x = (end * width).toFixed(1)
  return h('svg.fitplot', {
    viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img',
    'aria-label': `Radial power spectrum with CTF fit to ${decimal(fit.fitResolution, 1)} ångström`
  }, h('path.a', { d: line(fit.profile) }), h('path.b', { d: line(fitted) }), h('path.c', { d: `M${x} 2V${height - 4}` }))
}
