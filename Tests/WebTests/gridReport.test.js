import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { GridReport } from '../../web/views/grid.js'

globalThis.location = { search: '', pathname: '/' }

const all = (node) => (Array.isArray(node) ? node : [node]).filter(Boolean).flatMap((each) => [each, ...all(each.children ?? [])])

/** The acts that the report offers for targets of these statuses. */
function offered(...statuses) {
  const report = new GridReport({ live: { isStale: false }, invalidate() {}, forget() {} }, 's.g1', () => null)
  report.topic = { state: { squares: [], holes: [], micrographs: [] } }
  const bar = report.selectionBar(report.holes, statuses.map((status, index) => ({ id: `s.g1.s1.h${index}`, status })), 'hole')
  return all(bar).filter(({ tag, props }) => tag === 'button' && !props['aria-label']).map((each) => each.children[0].text)
}

describe('What the report offers for selected targets', () => {
  test('is what the server would do for all of them', () => {
    assert.deepEqual(offered('found', 'failed'), ['Add to queue'])
    assert.deepEqual(offered('queued', 'queued'), ['Image next', 'Skip', 'Remove from queue'])
    assert.deepEqual(offered('queued', 'skipped'), ['Remove from queue'])
  })

  test('never adds one that may have been exposed: the server asks about it and refuses to queue it', () => {
    assert.deepEqual(offered('found', 'unknown'), [])
  })
})
