import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { describe, test } from 'node:test'

import { actWord, choices, detailOf, outcomeOf, subjectOf } from '../../web/views/auditWords.js'

const facility = {
  sessions: [{ id: 's1', name: 'apoferritin' }], microscopes: [{ microscope: { id: 'scope-1', name: 'Krios 1' } }],
}

describe('A record of the audit log', () => {
  test('names its session as the facility does, and leads there', () => {
    assert.deepEqual(subjectOf({ subject: 'session/s1' }, facility), { word: 'apoferritin', href: '/sessions/s1/run' })
    assert.deepEqual(subjectOf({ subject: 'session/s2' }, facility), { word: 'Session s2', href: '/sessions/s2/run' })
    assert.deepEqual(subjectOf({ subject: 'session/s2' }, null), { word: 'Session s2', href: '/sessions/s2/run' })
  })

  test('names microscopes, people and the facility', () => {
    assert.equal(subjectOf({ subject: 'microscope/scope-1' }, facility).word, 'Krios 1')
    assert.equal(subjectOf({ subject: 'person/ada' }, facility).word, 'ada')
    assert.equal(subjectOf({ subject: '' }, facility).word, 'The facility')
  })

  test('tells the reason first and the command not at all', () => {
    const detail = { command: 'c1', enabled: true, reason: 'A leak', add: ['a', 'b'], groups: [] }
    assert.deepEqual(detailOf({ detail }), ['Reason: A leak', 'Enabled: yes', 'Add: a, b', 'Groups: none'])
  })

  test('says how often, and why not', () => {
    assert.deepEqual(
      detailOf({ code: 'permission.denied', detail: { times: 99 } }), ['99 times within a minute', 'Refused as permission.denied']
    )
    assert.deepEqual(detailOf({ detail: { times: 1 } }), [])
  })

  test('keeps the words of a newer server', () => {
    assert.equal(actWord('openAirlock'), 'openAirlock')
    assert.equal(outcomeOf({ outcome: 'postponed' }).word, 'postponed')
    assert.deepEqual(subjectOf({ subject: 'airlock/1' }, facility), { word: '1' })
    assert.deepEqual(detailOf({ detail: { what: { a: 1 }, none: null } }), ['What: {"a":1}', 'None: none'])
  })

  // So that an act that is added to the server gets its words here.
  test('has words for every act of the server', () => {
    const root = new URL('../../Sources/', import.meta.url)
    const folders = ['RunAPI/Routes', 'Accounts', 'Store', 'gridpilot']
    const sources = folders.flatMap((folder) => readdirSync(new URL(`${folder}/`, root)).filter((name) => name.endsWith('.swift'))
      .map((name) => readFileSync(new URL(`${folder}/${name}`, root), 'utf8'))).join('\n')
    const words = /\.(?:session|account)\("(\w+)"|\.force\("(\w+)"|act: "(\w+)"|by: (?:author|AuditAuthor\([^"]*\)|\.terminal), "(\w+)"/g
    const acts = new Set([...sources.matchAll(words)].map((found) => found.slice(1).find(Boolean)))
    assert.ok(acts.size > 20, [...acts].join())
    const known = new Set(choices.map(([act]) => act))
    assert.deepEqual([...acts].filter((act) => !known.has(act)), [])
  })
})
