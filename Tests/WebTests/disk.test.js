import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { noticeList } from '../../web/views/notices.js'
import { vitals } from '../../web/views/vitals.js'
import { at, run, text } from './page.js'

const disk = (more = {}) => ({
  path: '/data', totalBytes: 1e12, freeBytes: 100e9, reserveBytes: 10e9, bytesPerHour: 65e9, level: 'low', neededBytes: 151e6, trend: [], ...more,
})
// As the server raises it, from the rate of all programs together.
const raised = { id: 'disk', kind: 'warn', sentence: 'Disk full in about 1 h.', detail: 'Free space on /data soon.', raisedAt: at(-60) }
const page = (reading, state = {}) => run({ notices: [raised], ...state }, { disks: [reading] })
const card = (...of) => text(vitals(page(...of)))
const notices = (...of) => text(noticeList(page(...of)))

describe('The disk tells one story', () => {
  test('of a run that fits: enough, and no alarm over what other programs write', () => {
    assert.match(card(disk()), /Filling at 65 GB\/h, all programs together.*Enough for this run, about 151 MB/)
    assert.doesNotMatch(card(disk()), /Full in/)
    assert.doesNotMatch(notices(disk()), /Disk/)
  })

  test('of one that does not: the same time in the card and in the notice, and what is missing', () => {
    const short = disk({ neededBytes: 200e9 })
    assert.match(card(short), /Full in 1 h 23 min at this rate.*110 GB short for this run/)
    assert.match(notices(short), /Disk full in 1 h 23 min, before this run ends.*Free at least 110 GB/)
    assert.doesNotMatch(notices(short), /about 1 h/)
  })

  test('of a rate that is not known yet, which is not one of zero', () => {
    assert.match(card(disk({ bytesPerHour: 0 })), /Rate not known yet/)
    assert.match(card(disk({ bytesPerHour: 12 })), /Not filling/)
    assert.match(card(disk({ bytesPerHour: 0, neededBytes: 200e9 })), /Too small for this run/)
  })

  test('of a run that is over: no forecast, but a full disk is full', () => {
    const over = { status: 'completed', notices: [] }
    assert.doesNotMatch(card(disk({ neededBytes: 200e9 }), over), /Full in/)
    assert.match(card(disk({ level: 'full' }), over), /Full/)
  })

  test('of one that is silent: the server\'s word stays', () => {
    const silent = { ...raised, kind: 'err', sentence: 'The disk that holds /data does not answer.' }
    assert.match(notices(disk(), { notices: [silent] }), /does not answer/)
  })
})
