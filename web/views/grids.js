// The strip of twelve positions. Each opens its grid in the browser.
//
// From `grids`, `prompt` and `status` of `session/ID`. Hue, shape and word say the same, for whoever cannot tell the hues apart.
// Never to be misread: a grid as running that no living run stands behind. It shows as interrupted.

import { h } from '../dom.js'
import { clock, decimal, duration, median, plural, shortName } from '../format.js'
import { moment, gridLeft, isUnderWay, progress, sessionFraction, sessionLeft } from '../estimates.js'
import { bar, icon, link } from './parts.js'
import { isAlive, onlyWatches } from './status.js'

const states = {
  done: { word: 'Done', icon: 'done', hue: 'c-ok' }, run: { word: 'Running', icon: 'run', hue: 'c-run' },
  queued: { word: 'Queued', icon: 'wait', hue: 'c-wait' }, error: { word: 'Error', icon: 'error', hue: 'c-err' },
  empty: { word: 'Empty', icon: 'empty', hue: 'muted' }, pause: { word: 'Waiting for you', icon: 'pause', hue: 'c-warn' },
  unknown: { word: 'Unknown', icon: 'wait', hue: 'muted' },
}
const lacking = ({ images }) => ({ word: images ? 'Done with failures' : 'No image', icon: 'warn', hue: 'c-warn' })
const positions = 12

/** Where a grid stands, in the words of the strip. What no living run stands behind is not shown as running. */
// A status that this page does not know is unknown. "Queued" would promise that it comes next.
export function slotState(state, summary) {
  if (!summary) return { name: 'empty', ...states.empty }
  const { status } = summary
  if (isUnderWay(summary) && !isAlive(state)) return { name: 'error', ...states.error, word: 'Interrupted' }
  if (state.prompt?.kind === 'gridFinished' && state.prompt.grid === summary.grid.id) return { name: 'pause', ...states.pause, ...(onlyWatches(state) ? { word: 'Waiting for an answer' } : {}) }
  switch (status) {
    // Worked through is not all well: what it lacks is the server's sentence.
    case 'completed': return { name: 'done', ...states.done, ...(summary.problem ? lacking(summary) : {}) }
    case 'failed': return { name: 'error', ...states.error }
    case 'loading': return { name: 'run', ...states.run, word: 'Loading' }
    case 'stopping': return { name: 'run', ...states.run, word: 'Stopping', icon: 'clock' }
    case 'running': return { name: 'run', ...states.run }
    case 'paused': return { name: 'pause', ...states.pause, word: 'Paused' }
    case 'stopped': return { name: 'queued', ...states.queued, word: 'Stopped', icon: 'stop' }
    case 'waiting': return { name: 'queued', ...states.queued }
    default: return { name: 'unknown', ...states.unknown }
  }
}

export function gridStrip(run) {
  const { state } = run
  const count = Math.max(positions, state.microscope.slots, ...state.grids.map(({ grid }) => grid.slot))
  const slots = Array.from({ length: count }, (_, index) => {
    const summary = state.grids.find(({ grid }) => grid.slot === index + 1)
    return { position: index + 1, summary, standing: slotState(state, summary) }
  })
  const left = sessionLeft(state)
  // The running position is the widest; the style sheet cannot know which one it is.
  const columns = slots.map(
    ({ standing }) => (standing.name === 'run' || standing.name === 'pause' ? 'minmax(0, 2.35fr)' : 'minmax(0, 1fr)')
  ).join(' ')
  return h('section', { class: 'card', key: 'grids', 'aria-labelledby': 'h-grids' },
    h(
      'header', {}, h('h2', { id: 'h-grids' }, 'Grids'), h('span', { class: 'dim small' }, tally(slots, state)),
      h('span', { class: 'grow' }), overall(run, left)
    ),
    // A list in order: a screen reader says "three of twelve", which is the position.
    h('ol', { class: 'slots live', style: { '--columns': columns } }, slots.map((slot) => slotCell(run, slot, left))),
    phoneSummary(run, slots, left))
}

// Read out whole: who listens has the time for it.
function nameOf({ name }, { grids }) {
  const short = shortName(name, grids.map(({ grid }) => grid.name))
  return h('span', { class: 'nm' }, short === name ? name : [h('span', { 'aria-hidden': 'true' }, short), h('span', { class: 'sr' }, name)])
}

// Words beside the colours of the strip, and the only count of what failed.
function tally(slots, state) {
  const counts = {}
  for (const { standing } of slots) counts[standing.name] = (counts[standing.name] ?? 0) + 1
  const names = {
    done: 'done', run: 'running', pause: onlyWatches(state) ? 'waiting for an answer' : 'waiting for you', queued: 'queued', error: counts.error === 1 ? 'error' : 'errors',
    empty: 'empty', unknown: 'unknown'
  }
  return Object.entries(names).filter(([name]) => counts[name]).map(([name, word]) => `${counts[name]} ${word}`).join(' · ')
}

/** What a session still needs. Nobody knows when a question is answered, so then no time of day may follow from it. */
const leftWords = ({ state }, left) => `${duration(left)} left${state.prompt ? ' after the answer' : ''}`

/** Why the bar has gone back, for whoever saw it farther. */
const fallWords = ({ progress: { fall } }) => fall && `More to do since ${clock(fall.at)}, was ${Math.floor(fall.was * 100)} %`

function overall(run, { left }) {
  const fraction = sessionFraction(run.state)
  // On a phone the summary below the strip says the same with more room.
  return h('span', { class: 'desk-only row small overall' }, h('span', { class: 'dim' }, 'Session'),
    bar(fraction, { label: 'Session progress' }),
    // Rounded down: 100 % is said when all is done and not a moment before.
    h('b', {}, `${Math.floor(fraction * 100)} %`),
    isAlive(run.state) && left !== null && h('span', { class: 'dim' }, leftWords(run, left)),
    fallWords(run) && h('span', { class: 'c-warn' }, fallWords(run)))
}

function slotCell(run, { position, summary, standing }, left) {
  const isNow = standing.name === 'run' || standing.name === 'pause'
  const head = h('span', { class: 'top' }, h('span', {}, String(position)),
    h(
      'span', { class: `row tight ${standing.hue}` }, isNow && h('span', { class: 'desk-only' }, standing.word),
      icon(standing.icon), h('span', { class: 'sr' }, standing.word)
    ))
  if (!summary) {
    return h(
      // Empty in this session. What lies in the cassette beside it is not the session's.
      'li', { class: 'slot', key: position, 'data-st': 'empty' }, head, h('span', { class: 'nm' }, 'Empty'),
      h('span', { class: 'sub' }, 'No cartridge')
    )
  }
  return h('li', { class: 'bare', key: position }, link(run.gridPath(summary.grid.id), {
    // Said of the position that is being worked on, for those who do not see that it is the widest.
    class: 'slot', 'data-st': standing.name, 'aria-current': isNow ? 'true' : undefined,
    title: `Grid ${position} ${summary.grid.name}: ${standing.word}`,
  }, head, nameOf(summary.grid, run.state), bodies[standing.name](run, summary, standing, left)))
}

const bodies = {
  done(run, summary) {
    const fit = median(summary.fits.filter((value) => value > 0))
    // Judged by the limit of this session, which is a wish and not a law of nature: amber, not red.
    const isGood = fit !== null && fit <= run.state.session.settings.fitLimit
    return [h(
      'span', { class: 'sub' }, plural(summary.images, 'image'), h('br'),
      summary.startedAt && summary.endedAt ? duration((Date.parse(summary.endedAt) - Date.parse(summary.startedAt)) / 1000) : ''
    ),
      summary.problem ? h('span', { class: 'q c-warn clamp' }, summary.problem) : h(
        'span', { class: `q ${fit === null ? 'muted' : isGood ? 'c-ok' : 'c-warn'}` },
        fit !== null && icon(isGood ? 'check' : 'warn', 's'), fit === null ? 'No fit' : `Fit ${decimal(fit, 1)} Å`
      )]
  },
  error(run, summary, standing) {
    return [
      h(
        'span', { class: 'sub' },
        h('b', { class: 'c-err clamp' }, standing.word === 'Interrupted' ? standing.word : summary.problem ?? 'Failed'),
        summary.endedAt && h('span', { class: 'endtime' }, `Ended ${clock(summary.endedAt)}`)
      ),
      // Between runs only. While one goes on, it will not come back to this grid by itself.
      h('span', { class: 'q dim' }, !isAlive(run.state) && 'Start will try again')
    ]
  },
  queued(run, summary, standing, { starts }) {
    const start = starts.get(summary.grid.id)
    const begins = start !== undefined && isAlive(run.state) && !run.state.prompt
    const squares = standing.word === 'Stopped' ? plural(summary.images, 'image') : plural(
      run.state.session.settings.squaresPerGrid, 'square'
    )
    return [
      h(
        'span', { class: 'sub' }, begins ? 'Starts about' : standing.word, h('br'),
        begins && h('b', { class: 'strong' }, clock(moment(run.app.live) + start * 1000))
      ),
      h('span', { class: 'q muted' }, squares)
    ]
  },
  // No times and no numbers: without knowing what the status means, none of them could be trusted.
  unknown: () => h('span', { class: 'sub' }, states.unknown.word),
  run(run, summary) {
    const ahead = progress(run.state, summary)
    const left = gridLeft(run.state, summary)
    return [h(
      'span', { class: 'cur' }, number(`${ahead.squaresDone}/${ahead.squares}`, 'squares'),
      number(`${ahead.holesDone}/${ahead.holes}`, 'holes'), left !== null && number(duration(left), 'left')
    ),
      h('span', {},
        h(
          'span', { class: 'row spread percent' }, h('b', { class: 'c-run' }, `${Math.floor(ahead.fraction * 100)} %`),
          // By the operator's own clock, since that is what the end is compared with.
          left !== null && h('span', { class: 'dim' }, `ends ${clock(moment(run.app.live) + left * 1000)}`)
        ),
        bar(ahead.fraction, { label: `Grid ${summary.grid.slot} progress` }))]
  },
  pause(run, summary) {
    const ahead = progress(run.state, summary)
    // A paused grid without a prompt waits for something else, and for how long is not known.
    const waited = run.state.prompt && duration((moment(run.app.live) - Date.parse(run.state.prompt.raisedAt)) / 1000)
    return [
      h(
        'span', { class: 'cur' }, number(`${ahead.squaresDone}/${ahead.squares}`, 'squares'),
        number(`${ahead.holesDone}/${ahead.holes}`, 'holes'), waited && number(waited, 'waiting')
      ),
      bar(ahead.fraction, { kind: 'ok' })
    ]
  },
}

const number = (value, unit) => h('span', {}, h('b', {}, value), unit)

function phoneSummary(run, slots, left) {
  const now = slots.find(({ standing }) => standing.name === 'run' || standing.name === 'pause')
  if (!now) return null
  const { summary, standing } = now
  const ahead = progress(run.state, summary)
  const remaining = gridLeft(run.state, summary)
  const words = standing.name === 'pause' ? `Finished, ${standing.word.toLowerCase()}` : `${Math.floor(ahead.fraction * 100)} %${remaining === null ? '' : `, ${duration(remaining)} left`}`
  const end = left.left === null ? '' : run.state.prompt ? ` · session: ${leftWords(run, left.left)}`
    : ` · session ends about ${clock(moment(run.app.live) + left.left * 1000)}`
  return h('div', { class: 'phone-only summary' },
    h(
      'div', { class: 'row spread' }, h('b', {}, `${summary.grid.slot} ${summary.grid.name}`),
      h('span', { class: `${standing.hue} strong` }, words)
    ),
    bar(ahead.fraction, { kind: standing.name === 'pause' ? 'ok' : '' }),
    h(
      'span', { class: 'dim small' },
      `${ahead.squaresDone} of ${ahead.squares} squares · ${ahead.holesDone} of ${ahead.holes} holes${end}`
    ),
    fallWords(run) && h('span', { class: 'c-warn small' }, fallWords(run)))
}
