// What may be asked of a whole grid, and of holes that had their dose: each after a question that says what it costs.

import { sessionPath } from '../api.js'
import { isClosed, isUnderWay, waiting } from '../estimates.js'
import { decimal, plural } from '../format.js'
import { gridName, targetName } from '../ids.js'
import { dialog } from './dialogs.js'
import { button, h, icon } from './parts.js'

const ask = (report, title, shape, words, label, press) => report.app.show({
  render: () => dialog(report.app, { title, icon: shape, key: label },
    words.map((sentence) => h('p', { key: sentence }, sentence)),
    button({
      key: 'do', class: 'primary', reason: report.rests, press: () => { report.app.closeDialog(); press() }
    }, label)),
})

/** The one act that makes sense where the grid stands. */
export function gridAct(report, summary, style = '') {
  const { commands, run } = report
  if (!summary || !run.me?.controls) return null
  const key = `act-${report.grid}`
  const busy = commands.isSent(key)
  const send = (act, path) => commands.do(
    key, act, 'POST', `${sessionPath(run.session.id)}/grids/${encodeURIComponent(report.grid)}/${path}`, {})
  const act = (label, shape, press) =>
    button({ class: style, key, busy, reason: report.rests, press, 'aria-label': `${label}: ${gridName(summary.grid)}` },
      icon(shape), label)
  if (isClosed(summary)) return act('Take up again', 'play', () => send('Take up again', 'take-up'))
  if (summary.status === 'stopping') return button({ key, busy: true }, icon('clock'), 'Stopping…')
  if (!isUnderWay(summary) && summary.status !== 'stopped') {
    return act('Leave out', 'skip', () => send('Leave out', 'leave-out'))
  }
  const { items } = waiting(run, report.grid)
  return act('Abort grid…', 'stop', () => ask(report, `Abort grid ${gridName(summary.grid)}?`, 'stop', [
    'The exposure under way is finished, and the run goes on with the next grid.',
    `${items.length ? `${plural(items.length, 'target')} of this grid will leave the queue. ` : ''}What was imaged stays. `
      + 'The grid can be taken up again.'
  ], 'Abort grid', () => send('Abort grid', 'abort')))
}

/** A second exposure is a second dose: said before anybody asks for it. `taken`: what these holes have had. */
export function exposeAgain(report, holes, taken) {
  const { exposuresPerHole, movie } = report.run.session.settings
  const ids = holes.map(({ id }) => id)
  const dose = taken.reduce((sum, exposure) => sum + exposure.dose, 0)
  const electrons = (number) => `${decimal(number, 0)} e⁻/Å²`
  const [who, each, it] = holes.length === 1 ? [`${targetName(ids[0])} has`, 'in all', 'It']
    : [`${plural(holes.length, 'hole')} have`, 'each on average', 'Each']
  const had = `${who} had ${plural(taken.length, 'exposure')}, ${electrons(dose / holes.length)} ${each}.`
  const more = `${it} gets ${exposuresPerHole} more, ${electrons(exposuresPerHole * movie.dose)}.`
  ask(report, 'Expose again?', 'warn', [`${had} ${more}`, 'What was exposed before is damaged by its dose.'], 'Expose again',
    () => report.edit('Expose again', { again: ids }))
}
