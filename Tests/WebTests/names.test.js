import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { shortName } from '../../web/format.js'
import { gridStrip } from '../../web/views/grids.js'
import { all, run, summary, text } from './page.js'

const short = (...names) => names.map((name) => shortName(name, names))

describe('A name in a small place', () => {
  test('is whole where it fits', () => assert.deepEqual(short('apo_ctrl', 'gpcr_A1'), ['apo_ctrl', 'gpcr_A1']))

  test('leaves out what all names begin with, by whole words', () => {
    assert.deepEqual(short('membrane_protein_lysozyme_A1', 'membrane_protein_lysozyme_A2'), ['…A1', '…A2'])
  })

  test('is cut in the middle, before the word that differs', () => {
    assert.deepEqual(short('sample_lysozyme_buffer_A1', 'sample_lysozyme_buffer_B1', 'apoferritin_mouse_old_x'),
      ['sample_lyso…fer_A1', 'sample_lyso…fer_B1', 'apoferritin…_old_x'])
  })

  test('never grows beyond the room, and differs from the others', () => {
    const names = Array.from({ length: 12 }, (_, index) => `2026_facility_long_project_name_grid_${index}_second_try`)
    const shown = names.map((name) => shortName(name, names))
    assert.ok(shown.every((name) => name.length <= 18))
    assert.equal(new Set(shown).size, 12)
  })

  test('alone in its session keeps both ends', () => {
    assert.equal(shortName('apoferritin_mouse_batch_7', ['apoferritin_mouse_batch_7']), 'apoferritin…atch_7')
  })
})

test('The strip shows names that can be told apart, and reads them out whole', () => {
  const names = ['sample_lysozyme_buffer_A1', 'sample_lysozyme_buffer_A2', 'sample_lysozyme_buffer_B1']
  const grids = names.map((name, index) => ({ ...summary(index + 1, 'waiting'), grid: { id: `s.g${index + 1}`, slot: index + 1, name } }))
  const shown = all(gridStrip(run({ grids }))).filter(({ props }) => props?.class === 'nm').slice(0, 3)
  assert.deepEqual(shown.map((node) => text(node.children[0])), ['…A1', '…A2', '…B1'])
  assert.deepEqual(shown.map((node) => text(node.children[1])), names)
})
