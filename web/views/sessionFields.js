// What a session asks for, and what may be said in each field. The server has the last word.

import { isAlive } from './status.js'

// Folders are named for it: no spaces, no slashes.
const nameRule = /^[A-Za-z0-9._-]{1,64}$/
const nameHelp = 'Only letters, digits, dots, dashes and underscores, at most 64.'
// As the makers of foils write it: the hole's diameter, then the distance to the next, in µm.
const holeType = /^R\d+(\.\d+)?\/\d+(\.\d+)?$/

// Name on the wire (a dot goes one level down), label, unit, help, first value, the least and the most that a microscope can do
// at all, what else there is.
const whole = { whole: true }
const tables = [
  ['Atlas and automatic selection', [
    ['atlasTiles', 'Atlas', 'tiles', 'Along each side', 3, 1, 12, whole],
    // 0 is a real wish: take the atlas, then ask a person.
    ['squaresPerGrid', 'Squares', 'per grid', 'Queued automatically', 3, 0, 500, whole],
    ['holesPerSquare', 'Holes per square', 'holes', 'Queued automatically', 3, 0, 2000, whole],
    ['exposuresPerHole', 'Exposures per hole', '', 'Spread by image shift', 1, 1, 100, whole],
  ]],
  ['Beam-image shift, tilt', [
    // 0 moves the stage to every hole.
    ['imageShiftLimit', 'Maximum distance', 'µm', '4 µm suits 3 × 3 groups on R1.2/1.3', 4, 0, 30],
    ['tiltAngle', 'Tilt angle', '°', 'For preferred orientation', 0, -60, 60],
  ]],
  ['Focus and drift', [
    // Negative is under focus, so the second number is the smaller one.
    ['defocus.weakest', 'Defocus, closest to focus', 'µm', 'Negative is under focus', -1, -10, 0],
    ['defocus.strongest', 'Defocus, farthest from focus', 'µm', 'Negative is under focus', -2, -10, 0],
    ['defocus.step', 'Defocus step', 'µm', '0 uses one value throughout', 0.25, 0, 5],
    ['focusDistance', 'Focus again beyond', 'µm', '0 focuses at every position', 0, 0, 1000],
    ['driftLimit', 'Drift limit', 'Å/s', 'Waits until the specimen drifts less', 1.5, 0.1, 100],
    ['driftTimeout', 'Longest drift wait', 's', 'Then records with a warning', 60, 0, 3600],
    ['fitLimit', 'CTF fit limit', 'Å', 'Worse fits are marked', 6, 2, 50],
  ]],
  ['Movies and disk', [
    ['movie.frames', 'Frames', '', 'In each movie', 10, 1, 2000, whole],
    ['movie.exposureTime', 'Exposure time', 's', 'Of the whole movie', 2.4, 0.01, 120],
    ['movie.dose', 'Dose', 'e⁻/Å²', 'Over the whole exposure', 40, 0.1, 500],
    // The only field in another unit than on the wire.
    ['diskReserve', 'Disk reserve', 'GB', 'Kept free on every disk', 50, 0, 1_000_000, { factor: 1e9 }],
  ]],
]

export const groups = tables.map(([title, rows]) => [
  title, rows.map(([name, label, unit, help, value, min, max, more]) => ({ name, label, unit, help, value, min, max, ...more }))
])

export const fieldID = (name) => `f-${name.replace(/[^\w-]/g, '-')}`

export const allFields = groups.flatMap(([, fields]) => fields)

/** Also with a comma or a true minus sign. JavaScript itself would take "2,5" for 2 and an empty field for 0. */
export function parse(text) {
  const plain = String(text).trim().replace('−', '-').replace(',', '.')
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : NaN
}

/** With a true minus sign. */
export const written = (value) => String(value).replace('-', '−')

function problemOf({ min, max, whole, unit }, text) {
  const number = parse(text)
  const range = `${written(min)} to ${written(max)}${unit ? ` ${unit}` : ''}`
  if (Number.isNaN(number)) return `Enter a number from ${range}`
  // "3.5" is in the range of 0 to 500, and still no number of squares.
  if (whole && !Number.isInteger(number)) return `Enter a whole number from ${range}`
  return number < min || number > max ? `Must be from ${range}` : undefined
}

/** A setting as a person would type it. */
export function textOf(settings, name) {
  const value = name.split('.').reduce((all, part) => all[part], settings)
  return written(value / (allFields.find((field) => field.name === name)?.factor ?? 1) || value)
}

/** As on the wire; `text(name)` is what was typed. */
export function settings(text, fields = allFields) {
  const all = {}
  for (const { name, factor } of fields) {
    const number = parse(text(name))
    const [outer, inner] = name.split('.')
    // 2.3 GB are a whole number of bytes, whatever the product says.
    const value = factor ? Math.round(number * factor) : number
    all[outer] = inner ? { ...all[outer], [inner]: value } : value
  }
  return all
}

/** Only what would change. */
export const changes = (text, now) => ({
  ...(text('mode') !== now('mode') && { mode: text('mode') }),
  ...settings(text, allFields.filter(({ name }) => parse(text(name)) !== parse(now(name)))),
})

/** Why a setting stays as it is; the twin of `SettingsRule` in the server. */
export function whyKept(state, name) {
  const { grids, exposure } = state
  if (name.startsWith('movie.') && (exposure || grids.some(({ images }) => images))) {
    return 'Kept since the first exposure: movies of a session are taken alike'
  }
  if (name === 'atlasTiles' && grids.some(({ hasAtlas }) => hasAtlas)) {
    return 'Kept since the first atlas: grids loaded again are compared with it'
  }
  if (name === 'tiltAngle' && /killed|interr|failed/.test(state.status) && state.session.settings.tiltAngle) {
    return 'The stage may be tilted: press Start and Stop first'
  }
  const words = { tiltAngle: 'tilt', mode: 'goal', atlasTiles: 'atlas' }
  return isAlive(state) && words[name] ? `Stop the run to change its ${words[name]}` : undefined
}

const problemOfName = (name, what) => (name ? nameRule.test(name) ? undefined : nameHelp : `Give the ${what} a name.`)

export function problems({ name, texts, rows, ...chosen }) {
  const found = new Map()
  const problem = problemOfName(name, 'session')
  if (problem) found.set('name', problem)
  for (const field of ['group', 'microscope', 'detector']) if (!chosen[field]) found.set(field, `Choose a ${field}.`)
  fieldProblems((field) => texts[field], found)
  rowProblems(rows.flatMap((row, index) => (row ? [[index + 1, row]] : [])), found)
  if (!rows.some(Boolean)) found.set('grids', 'Add at least one grid.')
  return found
}

export function fieldProblems(text, found = new Map()) {
  for (const field of allFields) {
    const problem = problemOf(field, text(field.name))
    if (problem) found.set(field.name, problem)
  }
  const [weakest, strongest] = ['defocus.weakest', 'defocus.strongest']
  // Equal is fine: a session with one defocus.
  if (!found.has(weakest) && !found.has(strongest) && parse(text(strongest)) > parse(text(weakest))) {
    found.set(strongest, 'Must not be closer to focus than the other: enter a more negative number')
  }
  return found
}

// The later one is the one to change. `rows`: each with its position.
export function rowProblems(rows, found = new Map()) {
  const used = new Map()
  for (const [position, row] of rows) {
    const problem = problemOfName(row.name, 'grid') ?? (used.has(row.name) && `Already used at position ${used.get(row.name)}`)
    if (problem) found.set(`name ${position}`, problem)
    else used.set(row.name, position)
    if (row.holeType && !holeType.test(row.holeType)) {
      found.set(`holeType ${position}`, 'Write it like R1.2/1.3, or leave it empty')
    }
  }
  return found
}
