import assert from 'node:assert/strict'
import { test } from 'node:test'

import { gridStrip } from '../../web/views/grids.js'
import { promptTitle } from '../../web/views/promptWords.js'
import { statusOf } from '../../web/views/status.js'
import { at, run, summary, text } from './page.js'

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
