import assert from 'node:assert/strict'
import { test } from 'node:test'

import { GridReport } from '../../web/views/grid.js'
import { QueueView } from '../../web/views/queue.js'
import { StaffDialog } from '../../web/views/staffDialogs.js'
import { StaffView } from '../../web/views/staff.js'
import { find, run, summary, text } from './page.js'

globalThis.location = { search: '', pathname: '/' }

const closed = (state) => run({ status: 'completed', grids: [summary(1, 'completed', { squaresFound: 9 })], ...state })
const queue = (view) => text(new QueueView(view).render())

test('Once every grid is complete nothing is offered that the server would refuse', () => {
  const view = closed()
  assert.match(queue(view), /Every grid of this session is complete\. A new session images more of them\.New session/)
  assert.doesNotMatch(queue(view), /Add targets|proceed to the next/)
  const staff = new StaffView(view)
  const allowed = { allowed: true, sentence: 'Start does the same here.' }
  staff.facts = { forceStart: allowed, removeLock: allowed, forceKill: allowed }
  const force = find(staff.render(), ({ props }) => props.key === 'force' && props.type === 'button')
  assert.equal(force.props['aria-disabled'], 'true')
  assert.match(text(staff.render()), /Starts the session when.*Every grid of this session is complete\./)
})

test('A complete grid between others says that it takes no more, and only a question offers to proceed', () => {
  assert.match(queue(closed({ status: 'stopped', grids: [summary(1, 'completed', { squaresFound: 9 }), summary(2, 'waiting')] })), /This grid is complete and takes no more targets\./)
  const running = closed({ status: 'running', grids: [summary(1, 'running', { squaresFound: 9 })] })
  assert.match(queue(running), /Add squares or holes.*on this grid\.Add targets/)
  const prompt = { id: 'p', kind: 'gridFinished', grid: 's.g1', answers: [], queued: 0, raisedAt: '2026-11-22T20:00:00.000Z' }
  assert.match(queue(closed({ status: 'paused', prompt, grids: [summary(1, 'paused', { squaresFound: 9 })] })), /or proceed to the next one/)
})

test('The report lets targets be chosen only of the grid in the column, until it is complete', () => {
  const report = (state) => new GridReport({}, 's.g1', () => ({ state: closed({ me: { controls: true }, ...state }).state }))
  assert.deepEqual([report({}).controls, report({}).closed], [false, 'This grid is complete and takes no more targets'])
  const grids = [summary(1, 'stopped'), summary(2, 'running')]
  assert.equal(report({ grids, current: 's.g2' }).closed, 'Targets are chosen while the grid is in the column')
  assert.equal(report({ grids, current: 's.g1' }).controls, true)
})

test('The staff acts name no number that is the server\'s: killed by hand it would take every microscope along', () => {
  const view = run()
  view.staff = new StaffView(view)
  const rule = { allowed: true, sentence: 'Use Stop unless this is an emergency.' }
  view.staff.facts = { forceStart: rule, removeLock: rule, forceKill: rule, lock: {}, process: { alive: true, pid: 10675 }, workers: 2 }
  assert.doesNotMatch(text(view.staff.render()), /10675/)
  assert.match(text(new StaffDialog(view, 'kill').render()), /the run and its 2 workers end at once/)
  assert.doesNotMatch(text(new StaffDialog(view, 'kill').render()), /10675/)
})
