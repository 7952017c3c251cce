// A run page without a browser: views are described, never drawn.

import { ProgressMemory } from '../../web/estimates.js'
import { PromptView } from '../../web/views/prompts.js'

export const now = '2026-11-22T20:05:00.000Z'
export const at = (seconds) => new Date(Date.parse(now) + seconds * 1000).toISOString()

export const all = (node) => (Array.isArray(node) ? node : [node]).filter(Boolean).flatMap((each) => [each, ...all(each.children ?? [])])
export const text = (node) => all(node).map((each) => each.text ?? '').join('')
export const find = (node, test) => all(node).find((each) => each.props && test(each))

/** A grid's summary. */
export const summary = (slot, status, more = {}) => ({
  grid: { id: `s.g${slot}`, slot, name: `grid_${slot}` }, status, squaresFound: 0, squaresDone: 0, holesDone: 0, images: 0, fits: [], ...more,
})

export const hole = (id, more = {}) => ({ id, exposures: 2, seconds: 40, skipped: false, ...more })

/** A run page in this state, with what a test does not care about filled in. `view` changes the page itself. */
export function run(state = {}, { live, ...view } = {}) {
  const page = {
    state: {
      session: { id: 's', name: 'night', group: 'demo', settings: { squaresPerGrid: 1, holesPerSquare: 4, fitLimit: 6, exposuresPerHole: 1, movie: { dose: 40 } } },
      microscope: { id: 'm', name: 'Scope 1', slots: 12 }, detector: { name: 'Camera 1' }, status: 'running', process: { prompts: 0, waited: 0 },
      notices: [], queue: { items: [] }, last: {}, holeTimes: [], imageTimes: [], grids: [summary(1, 'running')], current: 's.g1', ...state,
    },
    app: {
      live: { isStale: false, link: 'live', now: () => Date.parse(now), lastHeard: Date.parse(now), ...live }, notices: new Map(),
      brokenImages: new Set(), invalidate() {}, me: {},
    },
    me: { controls: true }, disks: [], heardAt: 0, session: 's', progress: new ProgressMemory(), steps: { details: {} }, step: null, forecast: {},
    gridPath: (grid) => `/grids/${grid}`, browserPath: () => '/sessions', age: () => '1 s ago',
    commands: { isSent: () => false, late: [] }, command() {}, ...view,
  }
  page.prompts = new PromptView(page)
  return page
}
