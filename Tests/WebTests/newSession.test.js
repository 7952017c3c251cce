import assert from 'node:assert/strict'
import { test } from 'node:test'

import { NewSessionView } from '../../web/views/newSession.js'
import { all, find } from './page.js'

test('Staff of no group get a group to choose also when the facility comes after the form', () => {
  const app = { me: { staff: true, groups: [] }, facility: null, live: { isStale: false }, invalidate() {} }
  const view = new NewSessionView(app)
  const group = () => find(view.render(), ({ tag, props }) => tag === 'select' && /group/.test(props.id ?? ''))
  assert.equal(group().props.value, '')
  app.facility = { state: { sessions: [{ group: 'structure' }, { group: 'demo' }], microscopes: [] } }
  assert.equal(group().props.value, 'structure')
  assert.equal(all(group()).filter(({ tag }) => tag === 'option').length, 2)
  group().props.on.change({ target: { value: 'demo' } })
  app.facility.state.sessions.unshift({ group: 'newest' })
  assert.equal(group().props.value, 'demo', 'what was chosen stays')
})
