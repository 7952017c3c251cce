import assert from 'node:assert/strict'
import { test } from 'node:test'

import { noticeList } from '../../web/views/notices.js'
import { all, at, run, text } from './page.js'

const order = (state) => all(noticeList(run(state))).filter(({ props }) => /^notice /.test(props?.key ?? '')).map(text)

test('A run that was stopped stands above the answer that it got before', () => {
  const shown = order({
    status: 'stopped', outcome: { status: 'stopped', by: 'staff', at: at(-10) },
    lastAnswer: { id: 'p', kind: 'gridFinished', answer: 'next', by: 'staff', at: at(-70) },
  })
  assert.match(shown[0], /^The run was stopped by staff/)
  assert.match(shown[1], /^staff chose Proceed to next grid/)
})

test('What is urgent stands above what is new', () => {
  const raised = (id, kind, seconds) => ({ id, kind, sentence: `${id}.`, raisedAt: at(seconds) })
  const shown = order({ notices: [raised('b', 'warn', -5), raised('c', 'info', -1), raised('a', 'err', -60)] })
  assert.deepEqual(shown.map((words) => words[0]), ['a', 'b', 'c'])
})

test('The lock of the session itself is no notice', () => assert.deepEqual(order({}), []))
