// Process information, throughput, hard drive.

import { bytes, clock, count, dayAndClock, decimal, duration, medianFit, plural } from '../format.js'
import { moment, sessionLeft, summaryOf, throughput } from '../estimates.js'
import { forecastKept, forecastStat } from './forecast.js'
import { bar, h, icon, pill, space, spark, stat } from './parts.js'
import { isAlive, wordsOfSession } from './status.js'

export const vitals = (run) =>
  h('section.vitals', { key: 'vitals', 'aria-label': 'Session vitals' }, processCard(run), throughputCard(run), diskCard(run))

function processCard(run) {
  const { state, app } = run
  const { process } = state
  const alive = isAlive(state)
  // On a stale page time stands still: an elapsed time that went on would claim that the run does.
  const now = moment(app.live)
  const { startedAt, endedAt, startedBy, waited } = process
  const until = alive ? now : Date.parse(endedAt ?? startedAt ?? 0)
  const elapsed = startedAt ? duration((until - Date.parse(startedAt)) / 1000) : 'Not yet'
  const heardAt = run.heardAt || app.live.lastHeard
  const heard = heardAt ? run.age(new Date(heardAt).toISOString()) : 'not yet'
  return h('div.card.live', h('h2', icon('proc'), 'Process information'),
    h('dl.stats', stat('Status', wordsOfSession(state).word),
      // The system may have given a dead process's number to another.
      stat('PID', h('span.mono', process.pid && alive ? process.pid : 'None')),
      stat('Started', dated(startedAt)), stat('Ended', dated(endedAt)),
      stat('Elapsed', elapsed), state.status === 'ready' ? forecastStat(run.forecast) : stat('Expected end', endWords(run, now))),
    h('p.foot', h('span', 'Last heard ', h('b', heard)), startedBy && h('span', 'Started by ', h('b', startedBy)),
      h('span', 'Prompts so far ', h('b', count(process.prompts)), waited > 0 && `, waited ${duration(waited)}`),
      state.status === 'completed' && forecastKept(run.forecast, waited)))
}

const dated = (at) => (at ? dayAndClock(at) : 'Not yet')

// An end that is missing must not look like one that is far away.
function endWords({ state, me }, now) {
  if (!isAlive(state)) return 'None'
  if (state.status === 'stopping') return 'Stopping'
  const { left } = sessionLeft(state)
  if (left === null) return 'Not yet known'
  // Nobody knows when a question is answered.
  if (state.prompt) return `${duration(left)} plus ${me.controls ? 'your' : 'an'} answer`
  return `about ${clock(now + left * 1000)}`
}

// Events an hour in steps of 90 s, smoothed over three, since images come in groups.
function paceLine(times, now) {
  const steps = 40
  const counts = Array(steps).fill(0)
  for (const time of times) {
    const index = steps - 1 - Math.floor((now - Date.parse(time)) / 90_000)
    if (index >= 0 && index < steps) counts[index] += 1
  }
  return counts.map((value, index) => (value + (counts[index - 1] ?? value) + (counts[index + 1] ?? value)) * (3600 / 90 / 3))
}

const rateWords = ({ number, perHour }, one) =>
  (perHour === null ? plural(number, one) : `${count(perHour)} ${one}s/h`).split(' ')

function throughputCard(run) {
  const { state, app } = run
  const ended = !isAlive(state) && state.process.endedAt
  const now = ended ? Date.parse(ended) : moment(app.live)
  // Grids differ more than an hour does.
  const { fits = [] } = summaryOf(state, state.current) ?? {}
  const [holes, images] = [state.holeTimes, state.imageTimes].map((times) => throughput(times, now))
  // "Last hour" after half a minute would make a wild guess of a first hole.
  const since = !holes.number ? ''
    : `, last ${holes.seconds > 3540 ? 'hour' : duration(holes.seconds)}${ended ? ' of the run' : ''}`
  const [number, unit] = rateWords(holes, 'hole')
  return h('div.card.rate.live', h('h2', icon('rate'), `Throughput${since}`), h('div.big', number, ' ', h('small', unit)),
    h('div.line', state.imageTimes.length > 1 && spark(paceLine(state.imageTimes, now), { min: 0 })),
    h('p.foot', h('span', rateWords(images, 'image').map((word, index) => (index ? ` ${word}` : h('b', word)))),
      h('span', 'median CTF fit ', h('b', medianFit(fits)))))
}

const usedFraction = ({ freeBytes, totalBytes }) => (totalBytes > 0 ? 1 - freeBytes / totalBytes : 0)

const freeWords = (disk) => `free of ${bytes(disk.totalBytes)}, ${decimal(usedFraction(disk) * 100, 1)} % full`

function diskCard(run) {
  // A session may write to several disks, and stops when any one of them is full.
  const disks = [...run.disks].sort((left, right) => usedFraction(right) - usedFraction(left))
  const heading = (extra) => h('h2', icon('disk'), 'Hard drive', space(), extra)
  if (!disks.length) return h('div.card.disk.live', heading(), h('p.dim', 'Not measured yet'))
  const [fullest, ...others] = disks
  const kind = { low: 'warn', full: 'err' }[fullest.level] ?? ''
  const used = usedFraction(fullest)
  return h('div.card.disk.live', heading(forecast(fullest, isAlive(run.state))),
    h('div.big', bytes(fullest.freeBytes), ' ', h('small', freeWords(fullest))),
    h('div.line', usedLine(fullest, kind)), bar(used, { kind, role: 'meter', label: `Hard drive used, ${fullest.path}` }),
    h('p.foot', h('span', rate(fullest)), h('span', 'reserve ', h('b', bytes(fullest.reserveBytes))), enough(fullest)),
    others.map((disk) => h('p.foot.other', { key: disk.path }, h('span.mono', disk.path),
      h('span', h('b', bytes(disk.freeBytes)), ` ${freeWords(disk)}`),
      forecast(disk, isAlive(run.state)), h('span.trend', usedLine(disk)))))
}

// At least a fiftieth of the disk is shown, so that a still disk looks still.
function usedLine({ trend, totalBytes }, kind) {
  const used = (trend ?? []).map((free) => totalBytes - free)
  const [low, high] = [Math.min(...used), Math.max(...used)]
  const middle = (high + low) / 2
  const half = Math.max((high - low) / 2, totalBytes / 100)
  return spark(used, { kind, min: middle - half, max: middle + half })
}

/** What this run will lack above the reserve, where it stops; below 0 when it will fit. */
export const missingBytes = ({ neededBytes = 0, freeBytes, reserveBytes }) => neededBytes - (freeBytes - reserveBytes)

/** Null while the rate is not known or the disk is not filling. */
export const fullIn = ({ freeBytes, reserveBytes, bytesPerHour }) =>
  (bytesPerHour > 0 ? `in ${duration((Math.max(0, freeBytes - reserveBytes) / bytesPerHour) * 3600)}` : null)

// Where the run fits, other programs' writes would make an alarm of a rate that ends with them.
function forecast(disk, isRunning) {
  // The server's word, which counts the next exposure too.
  if (disk.level === 'full') return pill({ kind: 'err', icon: 'error', word: 'Full' })
  if (!isRunning || missingBytes(disk) <= 0) return null
  const when = fullIn(disk)
  return pill({ kind: 'warn', icon: 'warn', word: when ? `Full ${when} at this rate` : 'Too small for this run' })
}

function rate({ bytesPerHour }) {
  // Exactly 0 is what the server says in the first minute.
  if (bytesPerHour === 0) return 'Rate not known yet'
  // No run fills a disk as slowly as this.
  if (Math.abs(bytesPerHour) < 1e6) return 'Not filling'
  return [bytesPerHour > 0 ? 'Filling at ' : 'Being freed at ', h('b', `${bytes(Math.abs(bytesPerHour))}/h`),
    ', all programs together']
}

function enough(disk) {
  if (!disk.neededBytes) return null
  const missing = missingBytes(disk)
  return missing > 0 ? h('span.c-warn.row.tight', icon('warn'), `${bytes(missing)} short for this run`)
    : h('span.c-ok.row.tight', icon('check'), `Enough for this run, about ${bytes(disk.neededBytes)}`)
}
