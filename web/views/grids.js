// The strip of grid positions. A grid without a living run behind it shows as interrupted, never as running.

import { angstrom, clock, duration, middleFit, ordinal, plural, shortName } from '../format.js'
import {
  moment, gridLeft, isDue, isOver, isUnderWay, progress, secondsSince, sessionFraction, sessionLeft
} from '../estimates.js'
import { secondsBetween } from '../state/tools.js'
import { bar, card, h, hidden, icon, link, space, yes } from './parts.js'
import { planPicker } from './plan.js'
import { isAlive, onlyWatches } from './status.js'

const look = (word, shape, hue) => ({ word, icon: shape, hue })
const unanswered = 'Waiting for an answer'
// In the order of the tally.
const states = {
  done: look('Done', 'done', 'c-ok'), run: look('Running', 'run', 'c-run'), pause: look('Waiting for you', 'pause', 'c-warn'),
  queued: look('Queued', 'wait', 'c-wait'), error: look('Error', 'error', 'c-err'), aborted: look('Aborted', 'stop', 'c-warn'),
  leftOut: look('Left out', 'skip', 'muted'), empty: look('Empty', 'empty', 'muted'), unknown: look('Unknown', 'wait', 'muted'),
}
const lacking = ({ images }) => look(images ? 'Done with failures' : 'No image', 'warn', 'c-warn')
const standsAs = (name, changes) => ({ name, ...states[name], ...changes })
const positions = 12

const standings = {
  failed: ['error'], loading: ['run', { word: 'Loading' }], running: ['run'], paused: ['pause', { word: 'Paused' }],
  stopping: ['run', { word: 'Stopping', icon: 'clock' }], stopped: ['queued', { word: 'Stopped', icon: 'stop' }],
  aborted: ['aborted'], leftOut: ['leftOut'],
}

// An unknown status is not called "Queued": that would promise that it comes next.
export function slotState(state, summary) {
  if (!summary) return standsAs('empty')
  if (isUnderWay(summary) && !isAlive(state)) return standsAs('error', { word: 'Interrupted' })
  if (state.prompt?.kind === 'gridFinished' && state.prompt.grid === summary.grid.id) {
    return standsAs('pause', onlyWatches(state) && { word: unanswered })
  }
  const { status, problem } = summary
  // Worked through is not all well.
  if (status === 'completed') return standsAs('done', problem && lacking(summary))
  if (status === 'waiting') {
    const word = state.plan === 'collectQueued' ? 'Nothing queued' : 'Atlas taken'
    return standsAs('queued', !isDue(state, summary) && { word })
  }
  return standsAs(...standings[status] ?? ['unknown'])
}

const isNow = ({ name }) => name === 'run' || name === 'pause'

/** `editor`: the button for whoever may edit the grids. */
export function gridStrip(run, editor) {
  const { state } = run
  const { grids } = state
  const isByPosition = grids.every(({ grid }, index) => !index || grids[index - 1].grid.slot < grid.slot)
  const length = Math.max(positions, state.microscope.slots, ...grids.map(({ grid }) => grid.slot))
  const slots = Array.from({ length }, (_, index) => {
    const place = grids.findIndex(({ grid }) => grid.slot === index + 1)
    const summary = grids[place]
    const turn = summary && !isByPosition && !isOver(summary) && ordinal(place + 1)
    return { position: index + 1, summary, standing: slotState(state, summary), turn }
  })
  const left = sessionLeft(state)
  // The running position is the widest; the style sheet cannot know which one it is.
  const columns = slots.map(({ standing }) => `minmax(0, ${isNow(standing) ? 2.35 : 1}fr)`).join(' ')
  return card('', 'grids', 'Grids',
    [h('span.dim.small', tally(slots, state)), space(), editor, planPicker(run), overall(run, left)],
    // In a list a screen reader says "three of twelve", which is the position.
    h('ol.slots.live', { style: { '--columns': columns } }, slots.map((slot) => slotCell(run, slot, left))),
    phoneSummary(run, slots, left))
}

function nameOf({ name }, { grids }) {
  const short = shortName(name, grids.map(({ grid }) => grid.name))
  return h('span.nm', short === name ? name : [h('span', { 'aria-hidden': 'true' }, short), hidden(name)])
}

// The only count of what failed.
function tally(slots, state) {
  const counts = {}
  for (const { standing } of slots) counts[standing.name] = (counts[standing.name] ?? 0) + 1
  const wordOf = (name) => (name === 'error' && counts.error > 1 ? 'errors'
    : (name === 'pause' && onlyWatches(state) ? unanswered : states[name].word).toLowerCase())
  return Object.keys(states).filter((name) => counts[name]).map((name) => `${counts[name]} ${wordOf(name)}`).join(' · ')
}

// Rounded down: 100 % is not said a moment before all is done.
const percent = (fraction) => `${Math.floor(fraction * 100)} %`

// Nobody knows when a question is answered, so then no time of day may follow.
const leftWords = ({ state }, left) => `${duration(left)} left${state.prompt ? ' after the answer' : ''}`

// Why the bar has gone back, for whoever saw it farther.
const fallWords = ({ progress: { fall } }) => fall && `More to do since ${clock(fall.at)}, was ${percent(fall.was)}`

function overall(run, { left }) {
  const fraction = sessionFraction(run.state)
  return h('span.desk-only.row.small.overall', h('span.dim', 'Session'), bar(fraction, { label: 'Session progress' }),
    h('b', percent(fraction)), isAlive(run.state) && left !== null && h('span.dim', leftWords(run, left)),
    fallWords(run) && h('span.c-warn', fallWords(run)))
}

function slotCell(run, { position, summary, standing, turn }, left) {
  const head = h('span.top', h('span', position), turn && h('span.tag', turn, hidden(' in the order')),
    h('span.row.tight', { class: standing.hue }, isNow(standing) && h('span.desk-only', standing.word),
      icon(standing.icon, 'm'), hidden(standing.word)))
  if (!summary) {
    return h('li.slot', { key: position, 'data-st': 'empty' }, head, h('span.nm', 'Empty'), h('span.sub', 'No cartridge'))
  }
  return h('li.bare', { key: position }, link(run.gridPath(summary.grid.id), {
    // For those who do not see that it is the widest.
    class: 'slot', 'data-st': standing.name, 'aria-current': yes(isNow(standing)),
    title: `Grid ${position} ${summary.grid.name}: ${standing.word}${turn ? `, ${turn} in the order` : ''}`,
  }, head, nameOf(summary.grid, run.state), bodies[standing.name](run, summary, standing, left)))
}

const sub = (first, second) => h('span.sub', first, h('br'), second)

const bodies = {
  done(run, summary) {
    const fit = middleFit(summary.fits)
    // The session's limit is a wish and not a law of nature: amber, not red.
    const isGood = fit !== null && fit <= run.state.session.settings.fitLimit
    const { images, startedAt, endedAt, problem } = summary
    return [sub(plural(images, 'image'), startedAt && endedAt && duration(secondsBetween(endedAt, startedAt))),
      problem ? h('span.q.c-warn.clamp', problem) : fit === null ? h('span.q.muted', 'No fit')
        : h('span.q', { class: isGood ? 'c-ok' : 'c-warn' }, icon(isGood ? 'check' : 'warn'), `Fit ${angstrom(fit)}`)]
  },
  error: (run, { problem, endedAt }, { word }) => [
    h('span.sub', h('b.c-err.clamp', word === 'Interrupted' ? word : problem ?? 'Failed'),
      endedAt && h('span.endtime', `Ended ${clock(endedAt)}`)),
    // While a run goes on, it will not come back to this grid by itself.
    h('span.q.dim', !isAlive(run.state) && 'Start will try again')
  ],
  queued(run, { grid, images }, { word }, { starts }) {
    const { session, prompt } = run.state
    const start = starts.get(grid.id)
    const begins = start !== undefined && isAlive(run.state) && !prompt
    return [
      sub(begins ? 'Starts about' : word, begins && h('b.strong', timeIn(run, start))),
      h('span.q.muted', word === 'Stopped' ? plural(images, 'image') : plural(session.settings.squaresPerGrid, 'square'))
    ]
  },
  aborted: (run, summary) => sub(states.aborted.word, plural(summary.images, 'image')),
  leftOut: () => h('span.sub', states.leftOut.word),
  // Without knowing what the status means, no times or numbers could be trusted.
  unknown: () => h('span.sub', states.unknown.word),
  run(run, summary) {
    const ahead = progress(run.state, summary)
    const left = gridLeft(run.state, summary)
    return [counts(ahead, left !== null && number(duration(left), 'left')), h('span',
      h('span.row.spread.percent', h('b.c-run', percent(ahead.fraction)),
        left !== null && h('span.dim', `ends ${timeIn(run, left)}`)),
      bar(ahead.fraction, { label: `Grid ${summary.grid.slot} progress` }))]
  },
  pause(run, summary) {
    const ahead = progress(run.state, summary)
    // A paused grid without a prompt waits for nobody knows how long.
    const waited = run.state.prompt && duration(secondsSince(run.app.live, run.state.prompt.raisedAt))
    return [counts(ahead, waited && number(waited, 'waiting')), bar(ahead.fraction, { kind: 'ok' })]
  },
}

const timeIn = (run, seconds) => clock(moment(run.app.live) + seconds * 1000)
const number = (value, unit) => h('span', h('b', value), unit)
const counts = ({ squaresDone, squares, holesDone, holes }, time) => h('span.cur', number(`${squaresDone}/${squares}`, 'squares'),
  number(`${holesDone}/${holes}`, 'holes'), time)

function phoneSummary(run, slots, left) {
  const now = slots.find(({ standing }) => isNow(standing))
  if (!now) return null
  const { summary, standing } = now
  const ahead = progress(run.state, summary)
  const remaining = gridLeft(run.state, summary)
  const words = standing.name === 'pause' ? `Finished, ${standing.word.toLowerCase()}`
    : `${percent(ahead.fraction)}${remaining === null ? '' : `, ${duration(remaining)} left`}`
  const end = left.left === null ? '' : run.state.prompt ? ` · session: ${leftWords(run, left.left)}`
    : ` · session ends about ${timeIn(run, left.left)}`
  return h('div.phone-only.summary',
    h('div.row.spread', h('b', `${summary.grid.slot} ${summary.grid.name}`),
      h('span', { class: `${standing.hue} strong` }, words)),
    bar(ahead.fraction, { kind: standing.name === 'pause' ? 'ok' : '' }),
    h('span.dim.small', `${ahead.squaresDone} of ${ahead.squares} squares · ${ahead.holesDone} of ${ahead.holes} holes${end}`),
    fallWords(run) && h('span.c-warn.small', fallWords(run)))
}
