import assert from 'node:assert/strict'
import { test } from 'node:test'

import { exposeAgain, gridAct } from '../../web/views/gridActs.js'
import { GridReport } from '../../web/views/grid.js'
import { QueueView } from '../../web/views/queue.js'
import { StaffDialog } from '../../web/views/staffDialogs.js'
import { StaffView } from '../../web/views/staff.js'
import { find, run, summary, text } from './page.js'

globalThis.location = { search: '', pathname: '/' }

const closed = (state) => run({ status: 'completed', grids: [summary(1, 'completed', { squaresFound: 9 })], ...state })
const queue = (view) => text(new QueueView(view).render())

test('Once every grid is closed nothing starts, and targets that are added open one again', () => {
  const view = closed()
  assert.match(queue(view), /Every grid of this session is closed\. Add targets to one, or take one up again, in its report\.Add targets/)
  assert.doesNotMatch(queue(view), /proceed to the next/)
  const staff = new StaffView(view)
  const allowed = { allowed: true, sentence: 'Start does the same here.' }
  staff.facts = { forceStart: allowed, removeLock: allowed, forceKill: allowed }
  const force = find(staff.render(), ({ props }) => props.key === 'force' && props.type === 'button')
  assert.equal(force.props['aria-disabled'], 'true')
  assert.match(text(staff.render()), /Starts the session when.*Every grid of this session is closed\./)
})

test('A complete grid between others takes targets, and only a question offers to proceed', () => {
  const grids = [summary(1, 'completed', { squaresFound: 9 }), summary(2, 'waiting')]
  assert.match(queue(closed({ status: 'stopped', grids })), /to keep working on this grid\.Add targets/)
  const running = closed({ status: 'running', grids: [summary(1, 'running', { squaresFound: 9 })] })
  assert.match(queue(running), /Add squares or holes.*on this grid\.Add targets/)
  const prompt = { id: 'p', kind: 'gridFinished', grid: 's.g1', answers: [], queued: 0, raisedAt: '2026-11-22T20:00:00.000Z' }
  assert.match(queue(closed({ status: 'paused', prompt, grids: [summary(1, 'paused', { squaresFound: 9 })] })), /or proceed to the next one/)
})

const report = (state, grid = {}) => {
  const app = {
    live: { isStale: false, now: () => 0 }, show(dialog) { this.dialog = dialog }, closeDialog() { this.dialog = null }, invalidate() {},
  }
  const made = new GridReport(app, 's.g1', () => ({ state: closed({ me: { controls: true }, ...state }).state }))
  made.topic = { state: { squares: [], holes: [], micrographs: [], ...grid } }
  return made
}

test('A grid offers the one act that makes sense where it stands', () => {
  const offered = (status, rest) => {
    const { state } = closed({ me: { controls: true }, grids: [summary(1, status)], ...rest })
    return text(gridAct(report({ grids: [summary(1, status)] }), state.grids[0]))
  }
  for (const status of ['waiting', 'failed']) assert.equal(offered(status), 'Leave out')
  for (const status of ['loading', 'running', 'paused', 'stopped']) assert.equal(offered(status), 'Abort grid…')
  for (const status of ['completed', 'aborted', 'leftOut']) assert.equal(offered(status), 'Take up again')
  assert.equal(offered('stopping'), 'Stopping…')
  assert.equal(gridAct(report({ me: { controls: false } }), summary(1, 'running')), null)
})

test('A hole that had its dose is exposed again only after a question that names it, and is not simply added', () => {
  const hole = { id: 's.g1.s1.h7', status: 'completed' }
  const micrographs = [1, 2].map((number) => ({ id: `${hole.id}.m${number}`, status: 'processed', dose: 40 }))
  const view = report({}, { holes: [hole], micrographs })
  const asked = []
  view.edit = (act, changes) => asked.push(changes)
  const bar = text(view.selectionBar({ clear() {} }, [hole], 'hole'))
  assert.match(bar, /Expose again…/)
  assert.doesNotMatch(bar, /Add to queue/)
  exposeAgain(view, [hole], micrographs)
  assert.match(text(view.app.dialog.render()), /Hole 7 has had 2 exposures, 80 e⁻\/Å² in all\. It gets \d+ more/)
  assert.deepEqual(asked, [])
  find(view.app.dialog.render(), ({ props }) => props.key === 'do').props.on.click()
  assert.deepEqual(asked, [{ again: [hole.id] }])
  const failed = { id: 's.g1.s1.h8', status: 'failed' }
  assert.match(text(view.selectionBar({ clear() {} }, [failed], 'hole')), /Add to queue/)
})

test('A square is mapped again only while no hole of it was exposed or waits', () => {
  const square = { id: 's.g1.s1', status: 'acquired' }
  const hole = { id: 's.g1.s1.h1', status: 'found' }
  assert.equal(report({}, { squares: [square], holes: [hole] }).canMapAgain(square), true)
  assert.equal(report({}, { squares: [square], holes: [{ ...hole, status: 'queued' }] }).canMapAgain(square), false)
  const micrographs = [{ id: 's.g1.s1.h1.m1', status: 'left', dose: 40 }]
  assert.equal(report({}, { squares: [square], holes: [hole], micrographs }).canMapAgain(square), false)
})

test('A target that was skipped on a grid that has ended waits no more, and can be queued', () => {
  const hole = { id: 's.g1.s1.h1', status: 'skipped' }
  const bar = (queue) => text(report({ queue: { version: 1, items: queue } }, { holes: [hole] }).selectionBar({ clear() {} }, [hole], 'hole'))
  assert.match(bar([{ id: hole.id, skipped: true }]), /Undo skip/)
  assert.doesNotMatch(bar([{ id: hole.id, skipped: true }]), /Add to queue/)
  assert.match(bar([]), /Add to queue/)
  assert.doesNotMatch(bar([]), /Undo skip|Remove/)
})

test('A square of which a hole was exposed is neither added nor mapped again', () => {
  const square = { id: 's.g1.s1', status: 'failed' }
  const bar = (status) => text(report({}, { micrographs: [{ id: 's.g1.s1.h1.m1', status, dose: 40 }] })
    .selectionBar({ clear() {} }, [square], 'square'))
  assert.doesNotMatch(bar('left'), /Add to queue|Map again/)
  assert.match(bar('notTaken'), /Add to queue/)
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
