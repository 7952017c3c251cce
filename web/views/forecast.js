// What a session will take and write, in the server's words.

import { get } from '../api.js'
import { bytes, capitalised, count, dayAndClock, duration } from '../format.js'
import { bar, button, h, notice, stat, terms } from './parts.js'

export class Forecast {
  #wanted
  #timer
  #call
  isOld = true

  constructor(app) { this.app = app }

  /** Told at each painting. */
  want(path) {
    if (path === this.#wanted) return
    this.#wanted = path
    this.isOld = true
    this.#call?.abort()
    clearTimeout(this.#timer)
    // After its first digit nobody has said a number yet.
    if (path) this.#timer = setTimeout(() => this.ask(), 400)
  }

  async ask() {
    const { signal } = this.#call = new AbortController()
    const [known, problem] = await get(this.#wanted, signal).then((all) => [all], (why) => [null, why])
    if (signal.aborted) return
    Object.assign(this, { known, problem, isOld: false })
    this.app.invalidate()
  }
}

const about = ({ seconds }) => `About ${duration(seconds)}`
const span = ({ low, high }) => `${duration(low)} to ${duration(high)}`

/** Read out once it has settled. */
export function forecastPanel(forecast, path) {
  forecast.want(path)
  const { app, known, problem, isOld } = forecast
  return h('div.fore', { 'aria-live': 'polite', 'aria-busy': Boolean(path && isOld), class: isOld && 'old' },
    known && figures(known, app.live.now()),
    isOld ? !(path && known) && h('p.lbl', path ? 'Asking the server…' : 'Follows once the fields are right.')
      : problem && [notice({ kind: 'warn', style: 'two' }, 'The forecast could not be asked.', problem.sentence),
        button({ class: 'sm', key: 'ask', press: () => forecast.ask() }, 'Ask again')])
}

function figures(known, now) {
  const { seconds, neededBytes, spareBytes, risks } = known
  const spare = spareBytes && Math.max(0, spareBytes)
  return [h('p.big', about(known)), h('p', `Four in five sessions like this take ${span(known)}; `,
    h('span', { 'aria-live': 'off' }, `ends ${dayAndClock(now + seconds * 1000)}`), ' if started now.'),
  terms('.kv', ['grids', 'squares', 'holes', 'images'].map((name) => [capitalised(name), count(known[name])])),
  h('p', 'Disk: needs ', h('b', bytes(neededBytes)), spare !== null && ` of ${bytes(spare)} above the reserve`),
  spare !== null && bar(neededBytes / spare || 0, { kind: neededBytes > spare ? 'err' : '' }),
  risks.map(({ kind, sentence }) => notice({ kind, style: 'two', key: sentence }, sentence))]
}

export const forecastStat = ({ known } = {}) =>
  stat('Forecast', known ? [about(known), h('small', `, ${span(known)}`)] : 'Not yet known')

/** Once worked through in one go. */
export const forecastKept = ({ known }, waited) => known?.took && h('span', 'Forecast ', h('b', duration(known.seconds)),
  ` (${span(known)}), took `, h('b', duration(known.took)), waited > 0 && ' without the waits')
