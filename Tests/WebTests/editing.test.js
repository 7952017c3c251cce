import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { ordinal } from '../../web/format.js'
import { sessionLeft } from '../../web/estimates.js'
import { gridsButton } from '../../web/views/gridsDialog.js'
import { gridStrip } from '../../web/views/grids.js'
import { allFields, changes, settings, textOf, whyKept } from '../../web/views/sessionFields.js'
import { settingsButton } from '../../web/views/settings.js'
import { all, find, run, summary, text } from './page.js'

const given = {
  mode: 'screening', plan: 'screenEachGrid', atlasTiles: 3, squaresPerGrid: 2, holesPerSquare: 2, exposuresPerHole: 1,
  imageShiftLimit: 4, tiltAngle: -12.5, defocus: { weakest: -1, strongest: -2, step: 0.25 }, focusDistance: 0, driftLimit: 1.5,
  driftTimeout: 60, fitLimit: 6, movie: { frames: 10, exposureTime: 2.4, dose: 40 }, diskReserve: 2_300_000_000,
}
const typed = (texts) => (name) => texts[name] ?? textOf(given, name)

describe('Settings as text', () => {
  test('come back as they were', () => {
    const { mode, plan, ...rest } = given
    assert.deepEqual(settings(typed({})), rest)
    assert.deepEqual([textOf(given, 'mode'), textOf(given, 'tiltAngle'), textOf(given, 'focusDistance')], ['screening', '−12.5', '0'])
  })

  test('are sent only where they say something else', () => {
    const now = (name) => textOf(given, name)
    assert.deepEqual(changes(typed({ squaresPerGrid: '2.0', tiltAngle: '-12,5' }), now), {})
    assert.deepEqual(changes(typed({ mode: 'dataCollection', 'defocus.step': '0,5', diskReserve: '2.4' }), now),
      { mode: 'dataCollection', defocus: { step: 0.5 }, diskReserve: 2_400_000_000 })
  })

  test('never ask for half a byte', () => assert.equal(settings(typed({ diskReserve: '1.005' })).diskReserve, 1_005_000_000))
})

describe('What is kept', () => {
  const kept = (state) => ['mode', ...allFields.map(({ name }) => name)].filter((name) => whyKept(state, name))
  const waiting = { status: 'ready', grids: [summary(1, 'waiting')] }

  test('is nothing before the first run', () => assert.deepEqual(kept(waiting), []))
  test('is what the column is set up for, while a run lives', () => {
    assert.deepEqual(kept({ ...waiting, status: 'paused' }), ['mode', 'atlasTiles', 'tiltAngle'])
  })
  test('is a tilt that the last run may have left', () => {
    const tilted = (tiltAngle) => ({ ...waiting, status: 'killed', session: { settings: { tiltAngle } } })
    assert.deepEqual([kept(tilted(30)), kept(tilted(0))], [['tiltAngle'], []])
  })
  test('is the atlas once there is one', () => {
    assert.deepEqual(kept({ ...waiting, grids: [summary(1, 'stopped', { hasAtlas: true })] }), ['atlasTiles'])
  })
  test('is the movie from the first exposure on', () => {
    const movie = ['movie.frames', 'movie.exposureTime', 'movie.dose']
    assert.deepEqual(kept({ ...waiting, grids: [summary(1, 'stopped', { images: 1 })] }), movie)
    assert.deepEqual(kept({ ...waiting, exposure: { micrograph: 's.g1.s1.h1.m1' } }), movie)
  })
})

/** The dialog that this button opens on a page in this state, and what it sends: by path, and refused where `refuse(path)` says why. */
function opened(opener, state, refuse = () => undefined) {
  const sent = []
  const page = run({ ...state }, { path: '/s', topic: {} })
  page.state.session.settings = structuredClone(given)
  const keys = new Set()
  page.commands.do = async (key, act, method, path, body, onRefused) => {
    // As the real ones: nothing is sent while the last one under this key is on its way.
    if (keys.has(key)) return false
    keys.add(key)
    sent.push([method, path, body])
    const problem = refuse(path)
    return problem ? !onRefused({ details: {}, ...problem }) : true
  }
  Object.assign(page.app, {
    show(dialog) { this.dialog = dialog }, closeDialog() { this.dialog = null }, paint() { this.dialog?.render() },
    live: { ...page.app.live, refresh(topic) { page.asked = topic } },
  })
  globalThis.document = { getElementById: () => null }
  globalThis.fetch = async () => ({ ok: true, text: async () => '{"items":[{"name":"spa","title":"Single particle"}]}' })
  find(opener(page), ({ tag }) => tag === 'button').props.on.click()
  const { dialog } = page.app
  page.opened = dialog
  const field = (id) => find(page.app.dialog.render(), ({ props }) => props.id === id)
  return {
    page, sent, field, text: () => text(page.app.dialog.render()),
    type: (id, value) => field(id).props.on.input({ target: { value } }),
    press: (label) => find(page.app.dialog.render(), ({ tag, props }) => tag === 'button' && props['aria-label'] === label).props.on.click(),
    save: async () => {
      find(page.app.dialog.render(), ({ tag }) => tag === 'form').props.on.submit({ preventDefault() {} })
      await new Promise(setImmediate)
    },
  }
}

describe('The dialog of the settings', () => {
  test('follows what others set, keeps what was typed, and marks it', () => {
    const { page, type, field, text } = opened(settingsButton)
    type('f-squaresPerGrid', '8')
    page.state.session.settings = { ...given, squaresPerGrid: 5, fitLimit: 4 }
    assert.deepEqual([field('f-squaresPerGrid').props.value, field('f-fitLimit').props.value], ['8', '4'])
    assert.match(text(), /Somebody else has set 5 meanwhile\./)
    type('f-squaresPerGrid', '5')
    assert.doesNotMatch(text(), /Somebody else/)
  })

  test('sends nothing where nothing is changed, and closes', async () => {
    const { page, sent, save } = opened(settingsButton)
    await save()
    assert.deepEqual([sent, page.app.dialog], [[], null])
  })

  test('shows what was typed no more once it can no longer be changed', async () => {
    const { page, sent, type, field, save } = opened(settingsButton, { status: 'ready' })
    type('f-tiltAngle', '30')
    page.state.status = 'running'
    assert.deepEqual([field('f-tiltAngle').props.value, field('f-tiltAngle').props.readonly], ['−12.5', true])
    await save()
    assert.deepEqual(sent, [])
  })

  test('shows a refusal at its field, else above, and asks for the whole state', async () => {
    const late = opened(settingsButton, {}, () => ({ code: 'session.changed', sentence: 'Somebody was quicker.' }))
    late.type('f-squaresPerGrid', '8')
    await late.save()
    assert.match(late.text(), /Changing the settings was not done\. Somebody was quicker\./)
    assert.equal(late.page.asked, late.page.topic)
    const wrong = opened(settingsButton, {}, () => (
      { sentence: 'No.', details: { problems: [{ field: 'settings.squaresPerGrid', sentence: 'Too many squares.' }] } }))
    wrong.type('f-squaresPerGrid', '8')
    await wrong.save()
    assert.equal(wrong.field('f-squaresPerGrid').props['aria-invalid'], 'true')
    wrong.type('f-squaresPerGrid', '7')
    assert.doesNotMatch(wrong.text(), /Too many/)
  })
})

const grid = (slot, status = 'waiting', more = {}) => {
  const made = summary(slot, status, more)
  return { ...made, grid: { ...made.grid, recipe: 'spa', holeType: 'R1.2/1.3' } }
}

describe('The dialog of the grids', () => {
  test('sends what was changed, added and moved, in this order, and closes', async () => {
    const { page, sent, type, press, save } = opened(gridsButton, { status: 'ready', grids: [grid(1), grid(2)] })
    type('f-name-2', 'diluted')
    press('Add a grid at position 9')
    type('f-name-9', 'late')
    press('Earlier: 9 late')
    await save()
    assert.deepEqual(sent, [
      ['POST', '/s/grids', { position: 9, name: 'late', holeType: 'R1.2/1.3', recipe: 'spa' }],
      ['PUT', '/s/grids/s.g2', { name: 'diluted', holeType: 'R1.2/1.3', recipe: 'spa' }],
      ['PUT', '/s/grid-order', { order: ['s.g1', 's.g9', 's.g2'] }],
    ])
    assert.equal(page.app.dialog, null)
  })

  test('adds two at once, and says what could not be sent', async () => {
    const { page, sent, type, press, save, text } = opened(gridsButton, { grids: [grid(1)] })
    for (const slot of [8, 9]) {
      press(`Add a grid at position ${slot}`)
      type(`f-name-${slot}`, `late_${slot}`)
    }
    type('f-name-1', 'first')
    await save()
    assert.deepEqual(sent.map(([method]) => method), ['PUT', 'POST', 'POST'])
    assert.equal(page.app.dialog, null)
    page.app.dialog = page.opened
    await save()
    assert.match(text(), /It was not sent\. Press Save again\./)
  })

  test('asks for no order that is there already: nobody would answer', async () => {
    const { sent, press, save } = opened(gridsButton, { grids: [grid(1), grid(2)] })
    press('Later: 1 grid_1')
    press('Earlier: 1 grid_1')
    await save()
    assert.deepEqual(sent, [])
  })

  test('does the rest when one is refused, and leaves a grid that is not there out of the order', async () => {
    const { page, sent, type, press, save, field, text } = opened(gridsButton, { grids: [grid(1), grid(2)] },
      (path) => (path === '/s/grids' ? { sentence: 'Grid 9 has that position.' } : undefined))
    press('Add a grid at position 9')
    type('f-name-9', 'late')
    press('Later: 1 grid_1')
    await save()
    assert.deepEqual(sent.at(-1), ['PUT', '/s/grid-order', { order: ['s.g2', 's.g1'] }])
    assert.equal(field('f-name-9').props['aria-invalid'], 'true')
    assert.match(text(), /Not everything was done.*Grid 9 has that position\./s)
    assert.ok(page.app.dialog)
  })

  test('lets go of an order that somebody else has changed, and says so', () => {
    const { page, press, text } = opened(gridsButton, { grids: [grid(1), grid(2), grid(3)] })
    press('Later: 1 grid_1')
    page.state.grids = [3, 2, 1].map((slot) => grid(slot))
    assert.match(text(), /Somebody else has changed the order/)
    assert.match(text(), /3Unknown.*1st.*2Unknown.*2nd.*1Unknown.*3rd/)
  })

  test('names a grid that is moved as it was just typed, painted or not', () => {
    const { page, text } = opened(gridsButton, { grids: [grid(1), grid(2)] })
    const later = find(page.app.dialog.render(), ({ props }) => props['aria-label'] === 'Later: 1 grid_1')
    find(page.app.dialog.render(), ({ props }) => props.id === 'f-name-1').props.on.input({ target: { value: 'typed' } })
    later.props.on.click()
    assert.match(text(), /1 typed is 2nd of 2 now\./)
  })

  test('keeps all but the name of a grid that is imaged', () => {
    const { field } = opened(gridsButton, { grids: [grid(1, 'running'), grid(2)] })
    assert.ok(field('f-name-1') && !field('f-recipe-1') && field('f-recipe-2'))
  })
})

describe('An order that is not by position', () => {
  const turns = (grids) => all(gridStrip(run({ grids }))).filter(({ props }) => props?.class === 'tag').map(text)

  test('is said in the strip, for grids that are still to come', () => {
    assert.deepEqual(turns([summary(1, 'completed'), summary(2, 'waiting')]), [])
    assert.deepEqual(turns([summary(9, 'completed'), summary(1, 'running'), summary(2, 'waiting')]),
      ['2nd in the order', '3rd in the order'])
  })

  test('is that of the estimates', () => {
    const queue = { items: [1, 2, 9].map((slot) => ({ id: `s.g${slot}.s1.h1`, exposures: 1, seconds: 100, skipped: false })) }
    const grids = [summary(9, 'waiting'), summary(2, 'waiting'), summary(1, 'waiting')]
    const { starts } = sessionLeft(run({ grids, queue, plan: 'collectQueued' }).state)
    assert.deepEqual([...starts.keys()], ['s.g9', 's.g2', 's.g1'])
    assert.ok(starts.get('s.g1') > starts.get('s.g2'))
  })

  test('is counted as people do', () => {
    assert.deepEqual([1, 2, 3, 4, 10, 11, 12, 13, 20, 21].map(ordinal),
      ['1st', '2nd', '3rd', '4th', '10th', '11th', '12th', '13th', '20th', '21st'])
  })
})
