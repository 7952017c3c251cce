import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { BrowserView } from '../../web/views/browser.js'
import { gridStrip } from '../../web/views/grids.js'
import { promptTitle } from '../../web/views/promptWords.js'
import { statusOf } from '../../web/views/status.js'
import { at, run, summary, text } from './page.js'

globalThis.location = { search: '', pathname: '/' }

const prompt = { id: 'p', kind: 'gridFinished', grid: 's.g1', answers: ['continue', 'next'], queued: 0, last: true, raisedAt: at(-60) }
const page = (controls) => run({ status: 'paused', prompt, me: { controls }, grids: [summary(1, 'paused')] }, { me: { controls } })
const words = (view) => [
  statusOf(view).word, promptTitle(view.state), text(gridStrip(view)), text(view.prompts.render()), text(view.prompts.renderSheet())
].join(' | ')

test('Whoever may only watch is not called for, and hears who can answer', () => {
  assert.match(words(page(false)), /^Paused, waits for a member of demo \| grid 1 waits for an answer \|.*1 waiting for an answer.*A member of demo can answer/)
  assert.doesNotMatch(words(page(false)), /\byou\b|Add targets/)
})

test('Whoever can answer is called for', () => {
  assert.match(words(page(true)), /^Paused, needs you \| grid 1 needs you \|.*1 waiting for you.*Add targets/)
})

describe('The session browser during a question', () => {
  const shown = (controls) => {
    const view = page(controls)
    const topic = { state: view.state, readings: {} }
    const app = { ...view.app, live: { ...view.app.live, watch: () => ({ topic, close() {} }) }, facility: { state: { sessions: [], microscopes: [] } } }
    return text(new BrowserView(app, ['s']).render())
  }

  test('says to whoever may only watch who can answer', () => {
    assert.match(shown(false), /asks what to do next\. A member of demo can answer\./)
    assert.doesNotMatch(shown(false), /\byou\b|Add targets/)
  })

  test('says to whoever can answer how', () => assert.match(shown(true), /Add targets here, then answer on the run page/))
})
