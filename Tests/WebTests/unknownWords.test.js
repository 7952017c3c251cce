import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { BrowserView } from '../../web/views/browser.js'
import { slotState } from '../../web/views/grids.js'
import { highMag } from '../../web/views/highmag.js'
import { levelOf } from '../../web/views/logs.js'
import { lookOf } from '../../web/views/marks.js'
import { noticeList } from '../../web/views/notices.js'
import { stepWords } from '../../web/views/now.js'
import { PromptView } from '../../web/views/prompts.js'
import { holeCard } from '../../web/views/square.js'
import { statusOf } from '../../web/views/status.js'
import { Zoom } from '../../web/views/zoom.js'

/** A page that has been open since before the server learnt a new word. */
const app = {
  live: { isStale: false, link: 'live', now: () => Date.parse('2026-11-22T20:05:00.000Z') }, notices: new Map(),
  brokenImages: new Set(), invalidate() {},
}

const state = (more = {}) => ({
  session: { id: 's', name: 's', group: 'g', settings: {} }, microscope: { name: 'Scope 1' }, detector: { name: 'Camera 1' },
  status: 'running', process: {}, notices: [], queue: { items: [] }, last: {},
  grids: [{ grid: { id: 's.g1', slot: 1, name: 'one' }, status: 'running', fits: [], images: 0, squaresDone: 0, holesDone: 0 }],
  ...more,
})

const run = (state) => {
  const view = {
    state, app, me: { controls: true }, disks: [], gridPath: (grid) => `/grids/${grid}`, commands: { isSent: () => false, late: [] },
    sent: [], command: (...words) => { view.sent.push(words) },
  }
  view.prompts = new PromptView(view)
  return view
}

const all = (node) => (Array.isArray(node) ? node : [node]).filter(Boolean).flatMap((each) => [each, ...all(each.children ?? [])])
const text = (node) => all(node).map((each) => each.text ?? '').join('')
const icons = (node) => all(node).filter(({ tag }) => tag === 'use').map(({ props }) => props.href)

describe('A prompt of a kind that the page does not know', () => {
  const prompt = {
    id: 'prompt-9', kind: 'beamLost', grid: 's.g1', answers: ['continue', 'realign'], cause: 'The beam is gone.',
    raisedAt: '2026-11-22T20:00:00.000Z',
  }

  test('still asks, with its cause and a button for each answer', () => {
    const view = run(state({ prompt }))
    for (const place of [view.prompts.render(), view.prompts.renderSheet()]) {
      assert.match(text(place), /The run needs an answer\..*Reload it to see what each answer does\..*The beam is gone\./s)
      const labels = all(place).filter(({ tag, props }) => tag === 'button' && props.id).map(text)
      assert.deepEqual(labels, ['Continue', 'Realign'])
    }
    all(view.prompts.render()).find(({ props }) => props?.id === 'page-realign').props.on.click()
    assert.deepEqual(view.sent.at(-1), ['answer prompt-9', 'Realign', '/prompts/prompt-9', { answer: 'realign' }])
  })

  test('is asked even when it names no grid and no answers', () => {
    const view = run(state({ prompt: { ...prompt, grid: undefined, answers: undefined, cause: undefined } }))
    assert.match(text(view.prompts.render()), /The run needs an answer\./)
  })

  test('leaves an answer that does not speak of a grid', () => {
    const lastAnswer = { id: 'prompt-9', kind: 'beamLost', answer: 'continue', by: 'staff', at: '2026-11-22T20:04:00.000Z' }
    assert.match(text(noticeList(run(state({ lastAnswer })))), /staff chose Continue run/)
  })
})

describe('A word that the page does not know', () => {
  test('of a notice keeps the order of the others, and an icon', () => {
    const raised = (id, kind) => ({ id, kind, sentence: `${id}.`, raisedAt: '2026-11-22T20:00:00.000Z' })
    const shown = noticeList(run(state({ notices: [raised('a', 'purple'), raised('b', 'info'), raised('c', 'err')] })))
    assert.match(text(shown), /c\..*b\..*a\./s)
    assert.ok(icons(shown).every((name) => !name.endsWith('undefined')))
  })

  test('of a step is shown as it came', () => {
    assert.equal(stepWords({ step: 'defrost', detail: '12 s' }), 'Defrost 12 s')
  })

  test('of a step is put into words where it is known', () => {
    const said = [
      ['load', 'slot 1', 'Load grid, slot 1'], ['atlas', '3 × 3 pieces', 'Take atlas, 3 × 3 pieces'], ['move', 'tilt 30°', 'Tilt to 30°'],
      ['focus', 'eucentric height', 'Find eucentric height'], ['focus', '−1.40 µm', 'Focus −1.40 µm'],
      ['expose', 'search', 'Take search image'], ['expose', 'view', 'Take view image'], ['wait', 'liquid nitrogen', 'Fill nitrogen'],
      ['wait', 'pumps', 'Wait for the pumps'], ['wait', undefined, 'Wait'], ['drift', '0.8 Å/s', 'Drift 0.8 Å/s'],
    ]
    for (const [step, detail, words] of said) assert.equal(stepWords({ step, detail }), words)
  })

  test('of a run or a grid is never shown as idle or queued', () => {
    const strange = state({ status: 'hibernating' })
    assert.equal(statusOf(run(strange)).word, 'Unknown')
    assert.equal(slotState(strange, { ...strange.grids[0], status: 'thawing' }).word, 'Unknown')
    const facility = { state: { microscopes: [], sessions: [{ id: 's', name: 's', createdAt: '2026-11-22T20:00:00.000Z', status: 'hibernating', grids: 1 }] } }
    globalThis.location = { search: '', pathname: '/' }
    const view = new BrowserView({ ...app, facility, me: {}, live: { ...app.live, watch: () => ({ topic: { state: strange } }) } }, ['s'])
    assert.match(text(view.render()), /Unknown.*unknown.*Unknown/s)
  })

  test('of a target or an exposure never looks like a fresh place', () => {
    assert.equal(lookOf({ status: 'polishing' }).look, 'err')
    const image = { width: 100, height: 100, pixelSize: 10, centre: { x: 0, y: 0 }, takenAt: '2026-11-22T20:00:00.000Z' }
    const hole = { id: 's.g1.s1.h1', status: 'polishing', image }
    const micrograph = {
      id: 's.g1.s1.h1.m1', status: 'polishing', stage: { x: 0, y: 0 }, imageShift: { x: 0, y: 0 }, movie: 'a/b.mrc', pixelSize: 1
    }
    const report = { app, hole: hole.id, holeZoom: new Zoom(app, 'map-hole'), state: { holes: [hole], micrographs: [micrograph], fitLimit: 6 }, filter: 'all' }
    Object.assign(report, { commands: { isSent: () => false }, exposuresOf: () => [], standing: ({ status }) => status })
    assert.match(text(holeCard(report)), /1 \?/)
    assert.match(text(highMag(report)), /Unknown/)
  })

  test('of a log level does not hide the line', () => {
    assert.equal(levelOf({ level: 'panic' }), 'info')
  })
})
