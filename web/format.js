// Numbers and times as the pages write them: 24 hours, units always, a true minus sign.

const pad = (number) => String(number).padStart(2, '0')
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `2,418`. */
export const count = (number) => Math.round(number).toLocaleString('en-GB')
export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`
/** `1st`, `2nd`, `11th`. */
export const ordinal = (number) => `${number}${number > 10 && number < 14 ? 'th' : ['', 'st', 'nd', 'rd'][number % 10] || 'th'}`
export const capitalised = (word) => word[0].toUpperCase() + word.slice(1)
/** `Leave out grid`, of `leaveOutGrid`. */
export const inWords = (name) => capitalised(name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`))
export const sentences = (...parts) => listed(parts, ' ')
/** `−1.42`. */
export const decimal = (number, digits) => number.toFixed(digits).replace('-', '−')

export const angstrom = (number) => `${decimal(number, 1)} Å`
/** What there is of some words, in a row. */
export const listed = (words, between = ', ') => words.filter(Boolean).join(between)

/** `22:14`, in the viewer's own time zone. */
export const clock = (at) => `${pad(new Date(at).getHours())}:${pad(new Date(at).getMinutes())}`

export const clockSeconds = (at) => `${clock(at)}:${pad(new Date(at).getSeconds())}`
export const day = (at) => `${new Date(at).getDate()} ${months[new Date(at).getMonth()]}`
export const dayAndClock = (at) => `${day(at)}, ${clock(at)}`

/** `52 s`, `16 min`, `3 h 32 min`. */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.round(whole / 60)
  if (minutes < 60) return `${minutes} min`
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`
}

/** `40 s`, `1.4 min`, `26 min`: finer than `duration` where minutes are few. */
export const briefly = (seconds) =>
  (seconds >= 60 && seconds < 600 ? `${Number((seconds / 60).toFixed(1))} min` : duration(seconds))

/** `9 s ago`; `just now` for what a clock a little ahead would put into the future. */
export const ago = (at, now) => (now - Date.parse(at) < 1000 ? 'just now' : `${duration((now - Date.parse(at)) / 1000)} ago`)

/** `3.4 TB`, decimal units as disks are sold. */
export function bytes(number) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let value = Math.abs(number)
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit += 1 }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${number < 0 ? '−' : ''}${Number(value.toFixed(digits))} ${units[unit]}`
}

// Where the last word begins that the first `length` letters of a name reach into.
const wordStart = (name, length) => name.slice(0, length).search(/[^_.\- ]*$/)
function sharedLength(one, other) {
  let length = 0
  while (length < one.length && one[length] === other[length]) length += 1
  return length
}

/**
 * A name shortened so that it can still be told from the others: without what all begin with, and cut before the word in which
 * it differs from the one most like it.
 */
export function shortName(name, names, most = 18) {
  if (name.length <= most) return name
  const shared = names.filter((other) => other !== name).map((other) => sharedLength(name, other))
  const from = shared.length ? wordStart(name, Math.min(...shared)) : 0
  const rest = `${from ? '…' : ''}${name.slice(from)}`
  if (rest.length <= most) return rest
  // At least six letters for the end: both ends help to know a name again.
  const alike = Math.max(0, ...shared)
  const end = alike ? Math.min(most - 5, Math.max(6, name.length - wordStart(name, alike))) : 6
  return `${rest.slice(0, most - 1 - end)}…${name.slice(-end)}`
}

/** Null for none. */
export function median(numbers) {
  if (!numbers.length) return null
  const sorted = [...numbers].sort((left, right) => left - right)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** A micrograph without a fit counts as none. */
export const middleFit = (fits) => median(fits.filter((fit) => fit > 0))
export function medianFit(fits) {
  const middle = middleFit(fits)
  return middle === null ? 'not yet' : angstrom(middle)
}
