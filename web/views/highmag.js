// High-magnification images: a card each, newest first.
//
// From `micrographs` of `grid/ID`. Where there is no honest fit the reason stands in the figure's place, never a bad number.

import { image } from '../api.js'
import { h } from '../dom.js'
import { clockSeconds, decimal } from '../format.js'
import { holeOf, micrographName } from '../ids.js'
import { button, icon, picture, pill } from './parts.js'

// Two pictures each, which the server scales when asked. A grid with thousands of images would keep it busy for nothing.
const shownAtOnce = 12

export function highMag(report) {
  const { state, hole } = report
  // The list on the wire is in the order of exposure; the newest is what people look for.
  const all = (hole ? state.micrographs.filter(({ id }) => holeOf(id) === hole) : state.micrographs).toReversed()
  const fitOf = ({ measurement }) => measurement?.ctf?.fitResolution
  const worse = all.filter((micrograph) => fitOf(micrograph) > state.fitLimit)
  // Still being processed is not "no fit": it may have one in a minute.
  const without = all.filter(({ measurement, status }) => status === 'unprocessable' || (measurement && !measurement.ctf))
  // Three views of the same images. An address that names none of them shows all.
  const lists = { all, worse, without }
  const list = lists[report.filter] ?? all
  const shown = report.showsAllImages ? list : list.slice(0, shownAtOnce)
  const choice = (name, words) => h(
    'button',
    {
      type: 'button', key: name, 'aria-pressed': report.filter === name,
      on: { click: () => { report.filter = name; report.app.invalidate() } }
    },
    words
  )
  return [
    h('div', { class: 'row spread wrap', key: 'hm-head' },
      h(
        'h2', {}, `High magnification${hole ? `, hole ${micrographName(`${hole}.m1`).split('-')[0]}` : ''} `,
        h('span', { class: 'dim plain' }, `${all.length}, newest first`)
      ),
      all.length > 0 && h('div', { class: 'row wrap' },
        hole && button({ class: 'sm', key: 'all-holes', press: () => report.choose(null) }, 'All holes'),
        h(
          'div', { class: 'seg', role: 'group', 'aria-label': 'Filter images' }, choice('all', `All ${all.length}`),
          choice('worse', `CTF worse than ${state.fitLimit} Å, ${worse.length}`), choice('without', `No fit ${without.length}`)
        ))),
    all.length === 0 ? h('p', { class: 'dim', key: 'hm-none' }, 'No exposure yet') : h(
      'section', { class: 'hm', key: 'hm', 'aria-label': 'High-magnification images' },
      shown.map((micrograph) => card(report, micrograph))
    ),
    list.length > shown.length && button(
      { class: 'ghost', key: 'hm-more', press: () => { report.showsAllImages = true; report.app.invalidate() } },
      `Show ${list.length - shown.length} more`
    ),
  ]
}

// Of an exposure that has no measurement. `left` is one that a person decided not to repeat.
const stateWords = {
  exposing: ['run', 'run', 'Exposing'], saved: ['', 'clock', 'Being processed'], unprocessable: ['err', 'error', 'Not processed'],
  notTaken: ['', 'skip', 'Not taken'], unknown: ['warn', 'warn', 'Unknown'], left: ['', 'skip', 'Left as it is']
}

function fitPill({ status, measurement }, limit) {
  const fit = measurement?.ctf?.fitResolution
  // A bad fit is amber and not red: the image may be fine, and the ice thick.
  if (fit) return pill(
    fit <= limit ? { kind: 'ok', icon: 'done', word: `${decimal(fit, 1)} Å` } : {
      kind: 'warn', icon: 'warn', word: `${decimal(fit, 1)} Å`
    }
  )
  if (measurement) return pill({ kind: 'warn', icon: 'warn', word: 'No fit' })
  // A status that this page does not know is called unknown, not "not yet".
  const [kind, shape, word] = stateWords[status] ?? stateWords.unknown
  return pill({ kind, icon: shape, word })
}

function card(report, micrograph) {
  const { id, measurement, status, problem, movie, savedAt, pixelSize } = micrograph
  const { app, state } = report
  const name = micrographName(id)
  // On focus as well as under the mouse, so that keyboard users find the hole on the map too.
  const light = (on) => () => { report.highlightedMicrograph = on ? id : null; app.invalidate() }
  return h('article',
    {
      // In the order of the keyboard for the sake of the maps, where the hole lights up with the focus.
      class: 'card hmc', key: id, tabindex: '0', 'aria-label': `Image ${name}`,
      on: { mouseenter: light(true), mouseleave: light(false), focus: light(true), blur: light(false) }
    },
    h('header', {}, h('h3', {}, name), fitPill(micrograph, state.fitLimit), h('span', { class: 'grow' }),
      measurement && h(
        'a',
        {
          // In a tab of its own: a large picture in this one would cost the place in the list.
          class: 'btn ghost icon sm', href: image(id, 4096), target: '_blank', rel: 'noopener',
          'aria-label': `Enlarge image ${name}`
        },
        icon('full')
      )),
    h('div', { class: 'pair' },
      measurement ? [
        picture(app, image(id, 360), `Micrograph ${name}`), picture(app, image(id, 360, 'spectrum'), `Power spectrum of ${name}`)
      ]
      : h(
        'span', { class: 'noimage' },
        problem ?? (status === 'exposing' ? 'Being exposed' : status === 'saved' ? 'Being processed' : 'No image')
      )),
    numbers(micrograph, state.fitLimit), told(measurement?.stated),
    // Nothing is drawn before there is a measurement: an empty plot would look like a flat result.
    measurement && h('div', { class: 'fit' }, fitPlot(measurement), motionPlot(measurement, pixelSize)), doubts(measurement),
    h('div', { class: 'ft mono' }, `${movie.slice(movie.lastIndexOf('/') + 1)}${savedAt ? `, ${clockSeconds(savedAt)}` : ''}`,
      // Named only where another program than this one did a step.
      measurement?.programs?.length && h('span', {}, ` · by ${measurement.programs.join(', ')}`)))
}

function numbers({ measurement, pixelSize, status }, limit) {
  const fit = measurement?.ctf
  // "Not yet" is a promise, so only an exposure that is still on its way gets it.
  const comes = status === 'exposing' || status === 'saved'
  const none = measurement ? 'No fit' : comes ? 'Not yet' : 'None'
  const number = (term, value, hue) => h('div', {}, h('dt', {}, term), h('dd', { class: hue }, value))
  return h('dl', { class: 'nums' },
    number(
      'CTF fit', fit ? `${decimal(fit.fitResolution, 1)} Å` : none,
      fit ? (fit.fitResolution <= limit ? 'c-ok' : 'c-warn') : 'muted'
    ),
    // Minus, from Å to µm, the mean of two axes: see `now.js`.
    number('Defocus', fit ? `${decimal(-(fit.defocusU + fit.defocusV) / 20_000, 2)} µm` : none),
    number('Astigmatism', fit ? `${decimal(fit.defocusU - fit.defocusV, 0)} Å` : none),
    number('Angle', fit ? `${decimal(fit.angle, 0)}°` : none),
    number(
      'Offset', measurement?.offset === undefined ? (measurement ? 'Unknown' : comes ? 'Not yet' : 'None') : `${decimal(measurement.offset, 1)} µm`
    ),
    // Of the measured image, which may have been binned; the camera's own until there is one.
    number('Pixel size', `${decimal(measurement?.pixelSize ?? pixelSize, 2)} Å`))
}

// In lines of its own: it is what other programs wrote, beside what the session says.
/** What is written about the movie in its file and beside it. */
function told(stated) {
  const facts = [
    stated?.pixelSize !== undefined && `${decimal(stated.pixelSize, 3)} Å a pixel`, stated?.dose !== undefined && `${decimal(stated.dose, 1)} e/Å²`,
    stated?.voltage !== undefined && `${decimal(stated.voltage, 0)} kV`, stated?.defocus !== undefined && `${decimal(stated.defocus, 2)} µm set`,
  ].filter(Boolean)
  return facts.length > 0 && h('p', { class: 'told dim small' }, `Written by ${stated.sources.join(' and ')}: ${facts.join(', ')}`)
}

const warningWords = {
  iceRing: 'Crystalline ice: a ring near 3.7 Å', astigmatism: 'More astigmatism than a tuned microscope has',
  searchLimit: 'Defocus at the edge of the search range', aliasing: 'Rings too narrow to follow further',
  motion: 'The specimen moved a long way during the exposure',
}

/** What to know before trusting the image. */
function doubts(measurement) {
  const words = [...(measurement?.warnings ?? []).map((warning) => warningWords[warning] ?? warning), ...(measurement?.remarks ?? [])]
  return words.length > 0 && h(
    'ul', { class: 'doubts', 'aria-label': 'Warnings' }, words.map((word) => h('li', { key: word }, icon('warn', 's'), word))
  )
}

// Relative to its own middle and scale: how it moved can be seen, how far is written below.
/** The path of the content from frame to frame, drawn upright, and its length. */
function motionPlot({ shifts, totalMotion, earlyMotion }, pixelSize) {
  if (!(shifts?.length > 1)) return null
  const side = 54
  const xs = shifts.map(({ x }) => x)
  const ys = shifts.map(({ y }) => -y)
  // At least 2 Å wide, or the jitter of a still specimen would fill the plot like a drift.
  const span = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys), 2 / pixelSize)
  const middle = (list) => (Math.max(...list) + Math.min(...list)) / 2
  const at = (value, list) => (side / 2 + ((value - middle(list)) / span) * (side - 10)).toFixed(1)
  const path = shifts.map((_, index) => `${index ? 'L' : 'M'}${at(xs[index], xs)} ${at(ys[index], ys)}`).join('')
  // Missing in movies whose dose is not known.
  const early = earlyMotion === undefined ? '' : `, ${decimal(earlyMotion, 1)} Å of it in the first 4 e/Å²`
  const words = `Path of the specimen over ${shifts.length} frames: ${decimal(totalMotion, 1)} Å${early}`
  return h('figure', { class: 'motion', title: words },
    h('svg', { class: 'fitplot', viewBox: `0 0 ${side} ${side}`, role: 'img', 'aria-label': words },
      h('path', { class: 'b', d: path }), h('circle', { cx: at(xs[0], xs), cy: at(ys[0], ys), r: 2.5 })),
    h('figcaption', {}, `${decimal(totalMotion, 1)} Å`))
}

/** The radial profile with the fitted curve up to where it fits, or why there is none. */
function fitPlot({ ctf: fit, reason }) {
  // The reason is the server's sentence, and takes the plot's place where people look for the fit.
  if (!fit && reason) return h('p', { class: 'dim small grow' }, reason)
  if (!fit?.profile?.length || !fit.profileLimit) return null
  const [width, height] = [240, 54]
  const values = [...fit.profile, ...fit.curve]
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const line = (list) => list.map((value, index) => {
    const y = height - 4 - ((value - low) / (high - low || 1)) * (height - 8)
    return `${index ? 'L' : 'M'}${((index / (fit.profile.length - 1)) * width).toFixed(1)} ${y.toFixed(1)}`
  }).join('')
  // The profile runs up to `profileLimit`, in 1/Å; the line marks where the fit ends on it.
  const end = Math.min(1, 1 / fit.fitResolution / fit.profileLimit)
  // A tenth farther than it fits, so that one can see how the curves part.
  const fitted = fit.curve.slice(0, Math.max(2, Math.ceil(fit.curve.length * Math.min(1, end * 1.1))))
  const x = (end * width).toFixed(1)
  return h('svg',
    {
      class: 'fitplot', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img',
      'aria-label': `Radial power spectrum with CTF fit to ${decimal(fit.fitResolution, 1)} ångström`
    },
    h('path', { class: 'a', d: line(fit.profile) }), h('path', { class: 'b', d: line(fitted) }),
    h('path', { class: 'c', d: `M${x} 2V${height - 4}` }))
}
