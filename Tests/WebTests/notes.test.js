import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { foldGrid, foldSession } from '../../web/state.js'
import { GridReport } from '../../web/views/grid.js'
import { highMag } from '../../web/views/highmag.js'
import { qualityMark } from '../../web/views/notes.js'
import { FakeServer, FakeTime, settled } from './fakes.js'
import { all, at, find, summary, text } from './page.js'

globalThis.location = { search: '', pathname: '/' }

const noted = (notes, by, more = {}) => ({ type: 'gridNoted', at: at(0), data: { grid: 's.g1', notes, by, ...more } })

describe('What people think of a grid', () => {
  const grid = { grid: { id: 's.g1' }, squares: [], holes: [], micrographs: [{ id: 's.g1.s1.h1.m1', status: 'processed' }] }

  test('is folded into the grid with who and when, and its quality into the session', () => {
    const state = foldGrid(grid, noted('thin', 'ann', { quality: 'good' }))
    assert.deepEqual(state.notes, { quality: 'good', text: 'thin', by: 'ann', at: at(0) })
    assert.deepEqual(foldGrid(state, noted('thin', 'ann')).notes, { text: 'thin', by: 'ann', at: at(0) })
    assert.ok(!('notes' in foldGrid(state, noted('', 'ann'))))
    const session = foldSession({ grids: [summary(1, 'running'), summary(2, 'waiting')] }, noted('', 'ann', { quality: 'bad' }))
    assert.deepEqual(session.grids.map(({ quality }) => quality), ['bad', undefined])
    assert.ok(!('quality' in foldSession(session, noted('', 'ann')).grids[0]))
  })

  test('of an image goes to that image, and is taken away with who gave it', () => {
    const rated = (rating) => ({ type: 'micrographRated', at: at(0), data: { micrograph: 's.g1.s1.h1.m1', by: 'ann', ...(rating && { rating }) } })
    const state = foldGrid(grid, rated('great'))
    assert.deepEqual(state.micrographs, [{ id: 's.g1.s1.h1.m1', status: 'processed', rating: 'great', ratedBy: 'ann' }])
    assert.deepEqual(foldGrid(state, rated()).micrographs, grid.micrographs)
  })

  test('is a thumb with a word in the tabs', () => {
    assert.match(text(qualityMark('bad')), /bad/)
    assert.deepEqual(qualityMark(undefined), [])
  })
})

/** A report on a grid with three images. `say` folds an event as the push would. */
function open(context, { controls = true } = {}) {
  const server = new FakeServer(context)
  const time = new FakeTime(context)
  const app = {
    me: { username: 'ann' }, live: { isStale: false, now: () => Date.parse(at(0)), refresh() {} }, brokenImages: new Set(), openMenu: null,
    invalidate() {}, forget() {}, refusals: [], refused(key, act, problem) { this.refusals.push(problem) },
  }
  const session = { state: { me: { controls }, session: { id: 's' }, queue: { items: [] }, grids: [] }, readings: {} }
  const report = new GridReport(app, 's.g1', () => session)
  const micrographs = [1, 2, 3].map((number) => ({
    id: `s.g1.s1.h1.m${number}`, status: 'saved', savedAt: at(number), movie: 'a.mrc', pixelSize: 1
  }))
  report.topic = { state: { grid: { id: 's.g1' }, fitLimit: 6, squares: [], holes: [], micrographs } }
  const say = (event) => {
    report.topic.state = foldGrid(report.topic.state, event)
    report.heard(event)
    report.notes.heard()
  }
  const field = () => find(report.notes.field(), ({ tag }) => tag === 'input')?.props
  const type = (value) => field().on.input({ target: { value } })
  return { app, field, report, say, server, time, type, words: () => text(report.notes.field()) }
}

describe('Notes', () => {
  test('are saved a moment after the last key, once', async (context) => {
    const page = open(context)
    page.type('th')
    await page.time.advance(600)
    page.type('thin')
    await page.time.advance(600)
    assert.equal(page.server.requests.length, 0)
    assert.match(page.words(), /Not saved yet/)
    await page.time.advance(100)
    assert.deepEqual(page.server.requests.map(({ method, path, body }) => [method, path, body]),
      [['PUT', '/api/grids/s.g1/notes', { notes: 'thin' }]])
    assert.match(page.words(), /Saving…/)
    page.server.last.answer(202, {})
    await settled()
    page.say(noted('thin', 'ann'))
    assert.match(page.words(), /Saved \d\d:\d\d$/)
    await page.time.advance(5000)
    assert.equal(page.server.requests.length, 1)
  })

  test('that are again as they were are not sent: the server would have no news of them', async (context) => {
    const page = open(context)
    page.say(noted('thin', 'ann'))
    page.type('thin ice')
    page.type('thin')
    await page.time.advance(700)
    assert.equal(page.server.requests.length, 0)
    assert.match(page.words(), /Saved \d\d:\d\d$/)
  })

  test('are saved at once when the field is left', async (context) => {
    const page = open(context)
    page.type('thin')
    page.field().on.blur()
    await settled()
    assert.deepEqual(page.server.last.body, { notes: 'thin' })
  })

  test('of somebody else never take the place of what is being typed, and are named', async (context) => {
    const page = open(context)
    page.field().on.focus()
    page.type('left half')
    page.say(noted('right half', 'ben'))
    assert.equal(page.field().value, 'left half')
    assert.match(page.words(), /Saved by ben at \d\d:\d\d: right half/)
    await page.time.advance(700)
    page.server.last.answer(202, {})
    await settled()
    page.say(noted('left half', 'ann'))
    // Mine is saved. What he writes now is not overwritten by a page on which nobody types.
    page.say(noted('both halves', 'ben'))
    await page.time.advance(5000)
    assert.equal(page.server.requests.length, 1)
    assert.equal(page.field().value, 'left half')
    page.field().on.blur()
    assert.equal(page.field().value, 'both halves')
    assert.match(page.words(), /Saved \d\d:\d\d by ben/)
  })

  test('typed while others are on their way follow them', async (context) => {
    const page = open(context)
    page.type('one')
    await page.time.advance(700)
    page.type('one two')
    await page.time.advance(700)
    assert.equal(page.server.requests.length, 1)
    page.server.last.answer(202, {})
    await settled()
    page.report.notes.painted()
    await page.time.advance(700)
    assert.deepEqual(page.server.last.body, { notes: 'one two' })
  })

  test('that are refused stay in the field with the reason until something else is typed', async (context) => {
    const page = open(context)
    page.type('x')
    await page.time.advance(700)
    page.server.last.answer(403, { code: 'rights', sentence: 'Only members may do that.', remedy: 'Ask staff.' })
    await settled()
    page.report.notes.painted()
    await page.time.advance(5000)
    assert.equal(page.server.requests.length, 1)
    assert.equal(page.field().value, 'x')
    assert.match(page.words(), /Not saved\. Only members may do that\. Ask staff\./)
    page.type('xy')
    assert.doesNotMatch(page.words(), /Only members/)
  })

  test('typed while the link is cut are sent when it is back', async (context) => {
    const page = open(context)
    page.app.live.isStale = true
    page.type('thin')
    await page.time.advance(700)
    page.report.notes.painted()
    await page.time.advance(5000)
    assert.equal(page.server.requests.length, 0)
    page.app.live.isStale = false
    page.report.notes.painted()
    await page.time.advance(700)
    assert.deepEqual(page.server.last.body, { notes: 'thin' })
  })

  test('are sent as the report is left, and a refusal is then told on the page that is open', async (context) => {
    const page = open(context)
    page.type('thin')
    page.report.notes.close()
    await settled()
    assert.deepEqual(page.server.last.body, { notes: 'thin' })
    page.server.last.answer(409, { code: 'x', sentence: 'The session is archived.' })
    await settled()
    assert.deepEqual(page.app.refusals.map(({ sentence }) => sentence), ['The session is archived.'])
  })

  test('are sent again after a lost answer', async (context) => {
    const page = open(context)
    page.type('thin')
    await page.time.advance(700)
    page.server.last.lose()
    await page.time.advance(1000)
    assert.deepEqual(page.server.requests.map(({ body, key }) => [body.notes, key === page.server.last.key]), [['thin', true], ['thin', true]])
  })

  test('can be read by whoever may only watch', (context) => {
    const viewer = open(context, { controls: false })
    assert.equal(viewer.report.notes.field(), null)
    viewer.say(noted('thin', 'ben'))
    assert.equal(viewer.field(), undefined)
    assert.match(viewer.words(), /thinSaved \d\d:\d\d by ben/)
  })
})

describe('The thumbs', () => {
  test('send one verdict, and the pressed one again takes it away', async (context) => {
    const page = open(context)
    const radio = (word) => find(page.report.notes.quality(), ({ props, children }) => props.role === 'radio' && text(children).includes(word))
    radio('Good').props.on.click()
    await settled()
    assert.deepEqual(page.server.last.body, { quality: 'good' })
    assert.equal(radio('Good').props['aria-checked'], false)
    page.server.last.answer(202, { command: 'c' })
    await settled()
    page.say({ ...noted('', 'ann', { quality: 'good' }), command: 'c' })
    assert.equal(radio('Good').props['aria-checked'], true)
    radio('Good').props.on.click()
    await settled()
    assert.deepEqual(page.server.last.body, { quality: null })
  })
})

describe('The rating of an image', () => {
  const cards = (page) => all(highMag(page.report)).filter(({ tag, props }) => tag === 'article' && props)
  const picker = (card) => find(card, ({ tag }) => tag === 'select').props
  const rated = (id, rating) => ({ type: 'micrographRated', at: at(9), data: { micrograph: id, rating, by: 'ben' } })

  test('is chosen from a menu, and shown when the server has it', async (context) => {
    const page = open(context)
    const [card] = cards(page)
    const select = { value: 'badIce' }
    picker(card).on.change({ target: select })
    await settled()
    assert.deepEqual([page.server.last.path, page.server.last.body], ['/api/micrographs/s.g1.s1.h1.m3/rating', { rating: 'badIce' }])
    assert.equal(select.value, '')
    page.say(rated('s.g1.s1.h1.m3', 'badIce'))
    assert.equal(picker(cards(page)[0]).value, 'badIce')
    assert.equal(picker(cards(page)[0]).title, 'Rated by ben')
  })

  test('is given by the keys 1 to 8 on the card, and 0 takes it away; not from a control in the card', async (context) => {
    const page = open(context)
    const [card] = cards(page)
    const press = (key, target = card) => card.props.on.keydown({ key, target, currentTarget: card, preventDefault() {} })
    press('4', {})
    press('9')
    assert.equal(page.server.requests.length, 0)
    press('4')
    await settled()
    assert.deepEqual(page.server.last.body, { rating: 'cracked' })
    page.server.last.answer(202, {})
    await settled()
    press('0')
    assert.equal(page.server.requests.length, 1)
    page.say(rated('s.g1.s1.h1.m3', 'cracked'))
    const [again] = cards(page)
    again.props.on.keydown({ key: '0', target: again, currentTarget: again, preventDefault() {} })
    await settled()
    assert.deepEqual(page.server.last.body, { rating: null })
  })

  test('that is missing is counted and can be filtered', (context) => {
    const page = open(context)
    page.say(rated('s.g1.s1.h1.m2', 'great'))
    assert.match(text(highMag(page.report)), /Unrated 2/)
    page.report.filter = 'unrated'
    assert.deepEqual(cards(page).map(({ key }) => key), ['s.g1.s1.h1.m3', 's.g1.s1.h1.m1'])
  })

  test('is only read by whoever may only watch', (context) => {
    const page = open(context, { controls: false })
    page.say(rated('s.g1.s1.h1.m2', 'notBad'))
    assert.equal(find(cards(page), ({ tag }) => tag === 'select'), undefined)
    assert.match(text(cards(page)[1]), /Not bad/)
  })
})

test('Thousands of images are not thousands of cards at once', (context) => {
  const page = open(context)
  const { state } = page.report.topic
  page.report.topic.state = { ...state, micrographs: Array.from({ length: 2000 }, (_, index) => (
    { ...state.micrographs[0], id: `s.g1.s1.h${index}.m1` })) }
  const cards = () => all(highMag(page.report)).filter(({ tag }) => tag === 'article')
  assert.equal(cards().length, 60)
  assert.equal(cards()[0].key, 's.g1.s1.h1999.m1')
  const more = find(highMag(page.report), ({ props }) => props.key === 'hm-more')
  assert.equal(text(more), 'Show 60 more of 2000')
  more.props.on.click()
  assert.equal(cards().length, 120)
  // What has not changed is not described anew.
  assert.equal(cards()[5], cards()[5])
})
