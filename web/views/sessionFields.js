// What a new session asks for, and what may be said in each field.

// The server checks all of this again and has the last word. Here it is checked so that nobody has to send a form to learn of a
// slip.
/** Ids and folders are made of names: no spaces, no slashes. */
const nameRule = /^[A-Za-z0-9._-]{1,64}$/
const nameHelp = 'Only letters, digits, dots, dashes and underscores, at most 64.'
// As the makers of foils write it: the hole's diameter, then the distance to the next, in µm.
export const holeType = /^R\d+(\.\d+)?\/\d+(\.\d+)?$/

// First values are those of an ordinary screening session. Least and most are what a microscope can do at all, not what is
// wise.
/** Field name on the wire (a dot goes one level down), label, unit, help, first value, least, most, whole numbers only. */
export const groups = [
  ['Atlas and automatic selection', [
    { name: 'atlasTiles', label: 'Atlas', unit: 'tiles', help: 'Along each side', value: 3, min: 1, max: 12, whole: true },
    {
      // 0 squares is a real wish: take the atlas, then ask a person.
      name: 'squaresPerGrid', label: 'Squares', unit: 'per grid', help: 'Queued automatically', value: 3, min: 0, max: 500,
      whole: true
    },
    {
      name: 'holesPerSquare', label: 'Holes per square', unit: 'holes', help: 'Queued automatically', value: 3, min: 0, max: 2000,
      whole: true
    },
    {
      name: 'exposuresPerHole', label: 'Exposures per hole', unit: '', help: 'Spread by image shift', value: 1, min: 1, max: 100,
      whole: true
    },
  ]],
  ['Beam-image shift, tilt', [
    {
      // 0 moves the stage to every hole.
      name: 'imageShiftLimit', label: 'Maximum distance', unit: 'µm', help: '4 µm suits 3 × 3 groups on R1.2/1.3', value: 4,
      min: 0, max: 30
    },
    { name: 'tiltAngle', label: 'Tilt angle', unit: '°', help: 'For preferred orientation', value: 0, min: -60, max: 60 },
  ]],
  ['Focus and drift', [
    {
      // Negative is under focus, as on the microscope. The pair runs from weak to strong, so the second number is the smaller
      // one.
      name: 'defocus.weakest', label: 'Defocus, closest to focus', unit: 'µm', help: 'Negative is under focus', value: -1, min: -10,
      max: 0
    },
    {
      name: 'defocus.strongest', label: 'Defocus, farthest from focus', unit: 'µm', help: 'Negative is under focus', value: -2, min: -10,
      max: 0
    },
    { name: 'defocus.step', label: 'Defocus step', unit: 'µm', help: '0 uses one value throughout', value: 0.25, min: 0, max: 5 },
    {
      // How far the stage may go before the focus is measured again.
      name: 'focusDistance', label: 'Focus again beyond', unit: 'µm', help: '0 focuses at every position', value: 0, min: 0,
      max: 1000
    },
    {
      name: 'driftLimit', label: 'Drift limit', unit: 'Å/s', help: 'Waits until the specimen drifts less', value: 1.5, min: 0.1,
      max: 100
    },
    {
      name: 'driftTimeout', label: 'Longest drift wait', unit: 's', help: 'Then records with a warning', value: 60, min: 0,
      max: 3600
    },
    { name: 'fitLimit', label: 'CTF fit limit', unit: 'Å', help: 'Worse fits are marked', value: 6, min: 2, max: 50 },
  ]],
  ['Movies and disk', [
    { name: 'movie.frames', label: 'Frames', unit: '', help: 'In each movie', value: 10, min: 1, max: 2000, whole: true },
    {
      name: 'movie.exposureTime', label: 'Exposure time', unit: 's', help: 'Of the whole movie', value: 2.4, min: 0.01, max: 120
    },
    { name: 'movie.dose', label: 'Dose', unit: 'e⁻/Å²', help: 'Over the whole exposure', value: 40, min: 0.1, max: 500 },
    {
      // The only field in another unit than on the wire, where it is bytes.
      name: 'diskReserve', label: 'Disk reserve', unit: 'GB', help: 'Kept free on every disk', value: 50, min: 0, max: 1_000_000,
      factor: 1e9
    },
  ]],
]

/** The id of a field's element. */
export const fieldID = (name) => `f-${name.replace(/[^\w-]/g, '-')}`

export const allFields = groups.flatMap(([, fields]) => fields)

// Exactly one number and nothing else. JavaScript's own reading would take "2,5" for 2 and an empty field for 0.
/** A number as people write it: a comma or a true minus sign is understood. */
export function parse(text) {
  const plain = String(text).trim().replace('−', '-').replace(',', '.')
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : NaN
}

/** Why a field's text cannot be used; undefined when it can. */
export function problemOf({ min, max, whole, unit }, text) {
  const number = parse(text)
  const range = `${String(min).replace('-', '−')} to ${String(max).replace('-', '−')}${unit ? ` ${unit}` : ''}`
  if (Number.isNaN(number)) return `Enter a number from ${range}`
  // Before the range: "3.5" is in the range of 0 to 500, and still no number of squares.
  if (whole && !Number.isInteger(number)) return `Enter a whole number from ${range}`
  return number < min || number > max ? `Must be from ${range}` : undefined
}

/** Settings as the server takes them. */
export function settings(mode, texts) {
  const all = { mode }
  for (const { name, factor } of allFields) {
    const number = parse(texts[name]) * (factor ?? 1)
    // One level is all there is on the wire.
    const [outer, inner] = name.split('.')
    if (inner) all[outer] = { ...all[outer], [inner]: number }
    else all[outer] = number
  }
  return all
}

/** Every problem of the form by field, in the order of the page. */
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
  if (
    // Compared only when both can be read. Equal is fine: it is a session with one defocus.
    !found.has('defocus.weakest') && !found.has('defocus.strongest') && parse(texts['defocus.strongest']) > parse(texts['defocus.weakest'])
  ) {
    found.set('defocus.strongest', 'Must not be closer to focus than the other: enter a more negative number')
  }
  rowProblems(rows, found)
  return found
}

/** A name is used once in a session, since folders are named for it; the later position is the one to change. */
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
