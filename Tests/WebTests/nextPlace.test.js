import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { nextPlace } from '../../web/nextPlace.js'

const origin = 'https://em.example.org'
const place = (next) => nextPlace({ origin, search: next === undefined ? '' : `?next=${encodeURIComponent(next)}` })

describe('where the sign-in leads', () => {
  test('to where the visitor wanted to go', () => {
    assert.equal(place('/sessions/s1/run?tab=2'), '/sessions/s1/run?tab=2')
  })
  for (const next of [
    undefined, '', 'sessions', '/login', '/login?next=/login', '//evil.example', '/.//evil.example', '/..//evil.example',
    '/a/../..//evil.example', '/\\evil.example', 'https://evil.example/', 'javascript:alert(1)', '//', '//[',
  ]) {
    test(`to the first page instead of ${next}`, () => assert.equal(place(next), '/'))
  }
})
