// What a new session asks for, and what may be said in each field. The server has the last word.

// Folders are named for it: no spaces, no slashes.
const nameRule = /^[A-Za-z0-9._-]{1,64}$/
const nameHelp = 'Only letters, digits, dots, dashes and underscores, at most 64.'
// As the makers of foils write it: the hole's diameter, then the distance to the next, in µm.
const holeType = /^R\d+(\.\d+)?\/\d+(\.\d+)?$/

// Name on the wire (a dot goes one level down), label, unit, help, first value, the least and the most that a microscope can do
// at all, and what else there is to a field.
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

/** Also with a comma or a true minus sign. JavaScript's own reading would take "2,5" for 2 and an empty field for 0. */
export function parse(text) {
  const plain = String(text).trim().replace('−', '-').replace(',', '.')
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : NaN
}

function problemOf({ min, max, whole, unit }, text) {
  const number = parse(text)
  const range = `${String(min).replace('-', '−')} to ${String(max).replace('-', '−')}${unit ? ` ${unit}` : ''}`
  if (Number.isNaN(number)) return `Enter a number from ${range}`
  // "3.5" is in the range of 0 to 500, and still no number of squares.
  if (whole && !Number.isInteger(number)) return `Enter a whole number from ${range}`
  return number < min || number > max ? `Must be from ${range}` : undefined
}

export function settings(mode, plan, texts) {
  const all = { mode, plan }
  for (const { name, factor } of allFields) {
    const number = parse(texts[name]) * (factor ?? 1)
    const [outer, inner] = name.split('.')
    if (inner) all[outer] = { ...all[outer], [inner]: number }
    else all[outer] = number
  }
  return all
}

export function problems({ name, group, microscope, detector, texts, rows }) {
  const found = new Map()
  if (!name) found.set('name', 'Give the session a name.')
  else if (!nameRule.test(name)) found.set('name', nameHelp)
  if (!group) found.set('group', 'Choose a group.')
  if (!microscope) found.set('microscope', 'Choose a microscope.')
  if (!detector) found.set('detector', 'Choose a detector.')
  for (const field of allFields) {
    const problem = problemOf(field, texts[field.name])
    if (problem) found.set(field.name, problem)
  }
  const [weakest, strongest] = ['defocus.weakest', 'defocus.strongest']
  // Equal is fine: a session with one defocus.
  if (!found.has(weakest) && !found.has(strongest) && parse(texts[strongest]) > parse(texts[weakest])) {
    found.set(strongest, 'Must not be closer to focus than the other: enter a more negative number')
  }
  rowProblems(rows, found)
  return found
}

// Folders are named for it; the later position is the one to change.
function rowProblems(rows, found) {
  const used = new Map()
  for (const [index, row] of rows.entries()) {
    if (!row) continue
    const position = index + 1
    if (!row.name) found.set(`grid ${position}`, 'Give the grid a name.')
    else if (!nameRule.test(row.name)) found.set(`grid ${position}`, nameHelp)
    else if (used.has(row.name)) found.set(`grid ${position}`, `Already used at position ${used.get(row.name)}`)
    else used.set(row.name, position)
    if (row.holeType && !holeType.test(row.holeType)) found.set(`holes ${position}`, 'Write it like R1.2/1.3, or leave it empty')
  }
  if (!rows.some(Boolean)) found.set('grids', 'Add at least one grid.')
}
