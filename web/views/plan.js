// In which passes the grids of a session are worked through.

import { h } from '../dom.js'
import { options } from './parts.js'

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
  return h('label.plan', { key: 'plan' }, h('span.sr', 'Plan'),
    h('select.input.sm', {
      value: plan,
      'aria-disabled': rests || run.commands.isSent('plan') ? 'true' : undefined, title: rests ?? 'Counts at the next grid.',
      on: {
        change: ({ target }) => {
          const wanted = target.value
          // Until the server says so, it is as it was.
          target.value = plan
          if (rests || run.commands.isSent('plan')) return
          run.command('plan', 'Changing the plan', '/plan', { plan: wanted }, 'PUT')
        }
      }
    }, options(plans)))
}
