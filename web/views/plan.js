// In which passes the grids of a session are worked through.

import { h, hidden, select, yes } from './parts.js'

export const plans = [
  ['screenEachGrid', 'Screen each grid fully'], ['atlasesFirst', 'Atlas of every grid, then ask'],
  ['collectQueued', 'Collect what is queued'],
]

/** Shows what the server has confirmed; whoever only watches reads it. */
export function planPicker(run) {
  const { plan } = run.state
  const words = plans.find(([value]) => value === plan)?.[1] ?? plan
  if (!run.me.controls) return h('span.dim.small', { key: 'plan' }, words)
  const { rests } = run
  const mayNot = rests || run.commands.isSent('plan')
  const choose = (wanted) => mayNot || run.command('plan', 'Changing the plan', '/plan', { plan: wanted }, 'PUT')
  return h('label.plan', { key: 'plan' }, hidden('Plan'), select('.sm', plans, choose, {
    decides: true, value: plan, 'aria-disabled': yes(mayNot), title: rests ?? 'Counts at the next grid.'
  }))
}
