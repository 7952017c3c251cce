import assert from 'node:assert/strict'
import { test } from 'node:test'

import { shortfallOf } from '../../web/state/tools.js'
import { foldFacility } from '../../web/state/facility.js'
import { BrowserView } from '../../web/views/browser.js'
import { slotState } from '../../web/views/grids.js'
import { noticeList } from '../../web/views/notices.js'
import { PromptView } from '../../web/views/prompts.js'
import { promptTitle } from '../../web/views/promptWords.js'
import { statusOf } from '../../web/views/status.js'

const at = '2026-11-22T20:05:00.000Z'
const app = {
  live: { isStale: false, link: 'live', now: () => Date.parse(at) }, notices: new Map(), brokenImages: new Set(), invalidate() {},
}

const whole = { grids: 2, gridsCompleted: 2, images: 12, seconds: 3600 }

function run({ completed, grids = [], ...more }) {
  const state = {
    session: { id: 's', name: 's', group: 'g', settings: {} }, microscope: { name: 'Scope 1' }, detector: { name: 'Camera 1' },
    status: 'completed', outcome: { status: 'completed', at, completed }, process: {}, notices: [], queue: { items: [] }, last: {},
    grids, ...more,
  }
  const view = {
    state, app, me: { controls: true }, disks: [], gridPath: (grid) => `/grids/${grid}`, browserPath: () => '/sessions',
    commands: { isSent: () => false, late: [] }, command() {},
  }
  view.prompts = new PromptView(view)
  return view
}

const all = (node) => (Array.isArray(node) ? node : [node]).filter(Boolean).flatMap((each) => [each, ...all(each.children ?? [])])
const text = (node) => all(node).map((each) => each.text ?? '').join('')
const notice = (view) => all(noticeList(view)).find(({ props }) => props?.key === 'notice outcome' || /^notice (ok|warn|err)/.test(props?.class ?? ''))

test('a session that lacks nothing is complete, and said so in green', () => {
  const view = run({ completed: whole })
  assert.match(text(notice(view)), /^Session complete\. 2 of 2 grids, 12 images, 1 h/)
  assert.equal(statusOf(view).word, 'Complete')
})

test('one with targets that failed says how many of how many, and why, as a warning', () => {
  const view = run({ completed: { ...whole, failures: '3 of 40 holes failed', reason: 'The shutter is stuck.' } })
  const card = notice(view)
  assert.match(card.props.class, /warn/)
  assert.match(text(card), /^Completed with failures: 3 of 40 holes failed\. The shutter is stuck\. 2 of 2 grids/)
  assert.deepEqual(statusOf(view), { kind: 'warn', icon: 'warn', word: 'With failures' })
})

test('a grid that failed says why once', () => {
  const reason = 'The loader did not bring the cartridge of slot 2 onto the stage.'
  const view = run({
    completed: { ...whole, gridsCompleted: 1, failures: '1 of 2 grids was not imaged', reason },
    grids: [{ grid: { id: 's.g2', slot: 2, name: 'two' }, status: 'failed', images: 0, fits: [], problem: reason }],
  })
  assert.match(text(notice(view)), /^Completed with failures: 1 of 2 grids was not imaged\. 1 of 2 grids/)
  assert.equal(text(notice(view)).split(reason).length, 2)
})

test('one without an image is never a success, whatever else is said of it', () => {
  const view = run({ completed: { ...whole, images: 0, failures: '12 of 12 holes failed', reason: 'The shutter is stuck.' } })
  assert.match(text(notice(view)), /^Ended with no image\. 12 of 12 holes failed\. The shutter is stuck\./)
  assert.equal(statusOf(view).word, 'No image')
  const empty = run({
    completed: { ...whole, images: 0 },
    grids: [{ grid: { id: 's.g1', slot: 1, name: 'one' }, status: 'completed', images: 0, fits: [], problem: 'No image was taken: no hole was found.' }],
  })
  assert.match(text(notice(empty)), /Grid 1 one: No image was taken: no hole was found\./)
})

test('what an older server wrote of an end is read as far as it goes', () => {
  assert.equal(shortfallOf(undefined), undefined)
  assert.equal(shortfallOf(whole), undefined)
  assert.equal(shortfallOf({ ...whole, gridsCompleted: 1 }), 'failures')
})

test('the list of sessions says what the last end lacked, until the next start', () => {
  let state = { microscopes: [], sessions: [{ id: 's', name: 's', group: 'g', microscope: 'm', createdAt: at, status: 'running', grids: 2 }] }
  const tell = (type, data) => { state = foldFacility(state, { type, data, session: 's' }) }
  tell('runCompleted', { ...whole, images: 0 })
  assert.equal(state.sessions[0].shortfall, 'noImage')
  const words = () => {
    globalThis.location = { search: '', pathname: '/' }
    const page = { ...app, facility: { state }, me: {}, live: { ...app.live, watch: () => ({ topic: {} }) } }
    return text(all(new BrowserView(page, []).render()).filter(({ tag }) => tag === 'small'))
  }
  assert.match(words(), /, no image/)
  tell('runStarted', {})
  assert.equal('shortfall' in state.sessions[0], false)
})

test('a grid that lacks something is not shown as done', () => {
  const state = { status: 'completed' }
  assert.equal(slotState(state, { status: 'completed', images: 8 }).word, 'Done')
  assert.equal(slotState(state, { status: 'completed', images: 8, problem: '1 of 4 holes failed.' }).word, 'Done with failures')
  assert.equal(slotState(state, { status: 'completed', images: 0, problem: 'No image was taken.' }).word, 'No image')
})

test('a question about failures names how many of what failed, and offers to try them again', () => {
  const ids = ['s.g1.s1.h1', 's.g1.s1.h2', 's.g1.s1.h3']
  const prompt = {
    id: 'p', kind: 'targetsFailAlike', grid: 's.g1', failedTargets: ids, cause: 'The Navigator must be open.', queued: 4, last: true,
    answers: ['continue', 'again', 'next'], raisedAt: at,
  }
  const grids = [{ grid: { id: 's.g1', slot: 1, name: 'one' }, status: 'paused', images: 0, fits: [] }]
  const view = run({ status: 'paused', outcome: undefined, prompt, grids })
  const words = text(view.prompts.render())
  assert.match(words, /^3 holes in a row failed for the same reason\./)
  assert.match(words, /The Navigator must be open\./)
  assert.match(words, /Try these again.*Continue run.*Finish session.*Drops 4 targets/)
  assert.equal(promptTitle(view.state), '3 holes failed alike')
  const squares = { ...prompt, failedTargets: ['s.g1.s1', 's.g1.s2', 's.g1.s3'] }
  assert.equal(promptTitle({ ...view.state, prompt: squares }), '3 squares failed alike')
  assert.equal(promptTitle({ ...view.state, prompt: { ...prompt, kind: 'gridsFailAlike', failedGrids: ['s.g1', 's.g2'] } }), '2 grids failed alike')
})

test('a question about a grid that was imaged before names the squares, and claims neither answer', () => {
  const prompt = {
    id: 'p', kind: 'imagedBefore', grid: 's.g1', cause: 'The folder of grid 1 has traces of 3 exposures of square 2, which the store has not searched.', queued: 0,
    last: true, answers: ['continue', 'skip'], raisedAt: at,
  }
  const grids = [{ grid: { id: 's.g1', slot: 1, name: 'one' }, status: 'paused', images: 0, fits: [] }]
  const view = run({ status: 'paused', outcome: undefined, prompt, grids })
  const words = text(view.prompts.render())
  assert.match(words, /^Was grid 1 one imaged before\?/)
  assert.match(words, /3 exposures of square 2.*Image this grid.*May expose holes a second time.*Skip this grid.*exposes nothing/)
  assert.equal(promptTitle(view.state), 'grid 1 needs you')
})
