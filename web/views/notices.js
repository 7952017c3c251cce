// What the operator must see: prompt, then err, warn, all the rest; newest first within a kind; one for each cause. What the
// server raised only the server clears.

import { whyStale } from '../commands.js'
import { bytes, clock, clockSeconds, count, dayAndClock, duration, sentences } from '../format.js'
import { moment, sessionLeft, summaryOf, isClosed } from '../estimates.js'
import { gridName, micrographName, spoken } from '../ids.js'
import { shortfallOf } from '../state/tools.js'
import { archivedNotice } from './archive.js'
import { button, closer, h, link, notice, tryNow } from './parts.js'
import { isAlive } from './status.js'
import { stepWords } from './now.js'
import { labelOf } from './promptWords.js'
import { fullIn, missingBytes } from './vitals.js'

// A refusal must not push a lost microscope down. Of what is not urgent only the time counts; an unknown kind goes last.
const rank = ({ kind }) => ({ err: 0, warn: 1, info: 2, ok: 2, neutral: 2 })[kind] ?? 3
// By the ids under which the server raises them (`NoticeID.swift`).
const icons = { nitrogen: 'ln2', microscopeLost: 'plug', disk: 'disk', diskFull: 'disk', images: 'eye', slowStop: 'clock',
  pumps: 'clock', microscopeSilent: 'clock', scopeLock: 'lock' }
// Longer than any single step should take.
const slowStopAfter = 5 * 60_000
// Beyond this an empty dewar is likelier than a slow refill.
const slowRefillAfter = 20 * 60_000
// More would push the run itself out of sight.
const shownAtOnce = 4

export function noticeList(run) {
  const all = collect(run)
  const shown = run.showsAllNotices ? all : all.slice(0, shownAtOnce)
  return h('section.notices', { id: 'notices', key: 'notices', 'aria-label': 'Notifications' },
    // In this list, so that prompt and notices are one region for screen readers.
    run.prompts.render(), shown.map((each) => noticeCard(run.app, each)),
    all.length > shown.length && button({
      class: 'ghost sm more', key: 'more', press: () => { run.showsAllNotices = true },
    }, `${all.length - shown.length} more`))
}

function collect(run) {
  const { state, app } = run
  const derived = [
    linkNotice(app.live), archivedNotice(run), ...lateNotices(run), ...riskNotices(run),
    ...[stopNotice, startNotice, diskNotice, lockNotice, outcomeNotice, viewOnly, answered, troubleNotice].map((of) => of(run))
  ]
  // Their prompt says the same, and asks.
  const asked = { imagesSuspect: 'images', diskSilent: 'disk', fileSilent: 'disk' }[state.prompt?.kind]
  // The newest reading tells of a low disk; what the server raised may be an hour old.
  const isOld = ({ id, kind }) => id === 'disk' && kind === 'warn' && run.disks.length > 0
  const told = state.notices.filter((each) => each.id !== asked && !isOld(each)).map((each) => fromServer(each, moment(app.live)))
  // A later one of the same id replaces an earlier one: in the order of who knows best.
  const byCause = new Map()
  for (const each of [...derived.filter(Boolean), ...told, ...app.notices.values()]) byCause.set(each.id, each)
  return [...byCause.values()].sort((left, right) => rank(left) - rank(right) || right.at - left.at)
}

export function noticeCard(app, { id, kind, icon: shape, sentence, detail, dim, when, ticks, actions, closable }) {
  // Only what went wrong interrupts a screen reader. What ticks would be read again each second.
  return notice({ kind, icon: shape, key: `notice ${id}` }, sentence,
    [detail, ticks && h('span', { 'aria-live': 'off' }, ` ${ticks}`), dim && h('span.dim', ` ${dim}`)],
    when && h('span.when', { 'aria-live': 'off' }, when), actions, closable && closer(sentence, () => app.forget(id)))
}

const dated = (at, since = '') => ({ at: Date.parse(at), when: since + clock(at) })

const told = (id, kind, icon, sentence, detail, more) => ({ id, kind, icon, sentence, detail, ...more })

function fromServer({ id, kind, sentence, detail, raisedAt }, now) {
  const when = dated(raisedAt, 'since ')
  // The server raises it once; that it takes too long only the clock can tell.
  const words = id === 'nitrogen' && now - when.at >= slowRefillAfter
    ? ['warn', 'ln2', 'Refill takes longer than usual.', 'Check the dewar.'] : [kind, icons[id], sentence, detail]
  return told(id, ...words, when)
}

export function linkNotice(live) {
  // Before the first word nothing on the page could be stale.
  if (!live.isStale || !live.lastHeard) return null
  const since = clockSeconds(live.lastHeard)
  const [kind, sentence, detail] = live.link === 'off'
    ? ['err', 'Cannot reach the server.', `Last data ${since}. Check your network, or look at the microscope computer.`]
    : ['warn', 'Reconnecting to the server.',
      `What you see is from ${since}. The run may go on without this page. ${whyStale(live)}`]
  // First among its kind: it puts all the others in doubt.
  return told('link', kind, 'plug', sentence, detail, { at: Infinity, when: duration(live.silence), actions: tryNow(live) })
}

// Which grid comes first is the page's guess by the order of the session.
function startNotice({ state }) {
  if (state.status !== 'starting') return null
  const next = state.grids.find(({ status }) => status === 'loading') ?? state.grids.find((summary) => !isClosed(summary))
  const loading = next ? `, then loading grid ${gridName(next.grid)}` : ''
  return told('starting', 'info', 'clock', 'Starting.', `Connecting to ${state.microscope.name}${loading}.`,
    dated(state.process.startedAt))
}

function stopNotice(run) {
  const { state, app } = run
  if (!state.stop) return null
  // Only while the server can still take the stop back.
  const actions = run.me.controls && state.stop.canBeTakenBack && button({
    class: 'sm', key: 'keep', reason: run.rests, busy: run.commands.isSent('keep'),
    press: () => run.command('keep', 'Keep running', '/cancel-stop'),
  }, 'Keep running')
  const base = { ...dated(state.stop.at), actions, dim: `Requested by ${state.stop.by}.` }
  // The server may raise the same, and then knows better what it waits for.
  if (moment(app.live) - base.at > slowStopAfter && !state.notices.some(({ id }) => id === 'slowStop')) {
    const step = run.step ? stepWords(run.step).toLowerCase() : 'the microscope'
    return told('stop', 'warn', 'clock', 'Stopping takes longer than usual.', `Waiting for: ${step}. Staff can force-kill.`, base)
  }
  const { exposure } = state
  // Expected, not measured. On a stale page a countdown would look like life.
  const left = exposure && (Date.parse(exposure.begunAt) + exposure.expectedSeconds * 1000 - app.live.now()) / 1000
  return told('stop', 'info', 'clock', 'Stop signal received.',
    'The session will stop after the current acquisition. This may take a few minutes.',
    { ...base, ticks: left > 0 && !app.live.isStale && `This exposure ends in about ${duration(left)}.` })
}

// It cannot be stored, since the store is what fails.
function troubleNotice({ trouble }) {
  if (!trouble) return null
  const { sentence, detail, since } = trouble
  return told('trouble', 'err', 'disk', sentence, detail, dated(since, 'since '))
}

// A full disk pauses the run, and the prompt then says it.
function diskNotice(run) {
  const { state, app } = run
  const disk = run.disks.find((each) => missingBytes(each) > 0)
  if (!disk || disk.level === 'full' || !isAlive(state) || ['diskFull', 'diskSilent'].includes(state.prompt?.kind)) return null
  const when = fullIn(disk)
  const { left } = sessionLeft(state)
  const end = left === null || state.prompt ? '' : ` (${clock(moment(app.live) + left * 1000)})`
  // Always the oldest of its kind: it is about what will happen, the others about what has.
  return told('disk', 'warn', 'disk', when ? `Disk full ${when},` : 'Disk too small for this run.',
    `${when ? `before this run ends${end}. ` : ''}Free at least ${bytes(missingBytes(disk))}, `
      + 'or stop saving frames for the remaining grids.', { at: 0, when: disk.path })
}

// From the first Start on the run itself tells.
const riskNotices = ({ state, forecast }) => ((state.status === 'ready' && forecast.known?.risks) || []).map(
  ({ kind, sentence }) => kind !== 'info' && told(sentence, kind, undefined, sentence, '', { at: 0 }))

function lockNotice(run) {
  const { state } = run
  // Nameless for those who may not see the other session. The holder may have changed since the link was cut.
  const holder = run.otherHolder
  if (run.app.live.isStale || !holder || isAlive(state)) return null
  const who = holder.sessionName ? `running ${holder.sessionName} (${holder.group}).` : 'running another session.'
  return told('lock', 'warn', 'lock', `Microscope ${state.microscope.name} is currently busy`,
    `${who} This session cannot start until that one ends.`, {
      at: Date.parse(holder.startedAt ?? 0), when: holder.startedAt && `since ${clock(holder.startedAt)}`,
      actions: holder.session && link(`/sessions/${holder.session}/run`, { class: 'btn sm' }, 'View current session')
    })
}

// A crash in the middle of a load has a grid but no target.
const placeName = ({ grid, target, micrograph }, state) => {
  const slot = summaryOf(state, grid)?.grid.slot
  const what = micrograph ? `hole ${micrographName(micrograph)}` : target && spoken(target)
  return `${slot ? ` on grid ${slot}` : ''}${what ? `, ${what}` : ''}`
}

const sentence = (text) => (!text || /[.?!]$/.test(text) ? text ?? '' : `${text}.`)
const goOn = 'Press Start to go on.'

const endings = {
  interrupted: (outcome, { state }) => ({
    kind: 'err', sentence: `The run was interrupted${placeName(outcome.interrupted ?? {}, state)}.`,
    detail: `${sentence(outcome.sentence)} Saved images are safe; the lock is free again. ${goOn}`,
  }),
  // What was found is the server's: the page must not claim that valves are closed.
  killed: ({ by, found = [] }) => ({
    kind: 'err', icon: 'kill', sentence: `All processes were force-killed by ${by}.`,
    detail: [...found.map(sentence), goOn].join(' '),
  }),
  failed: (outcome) => ({
    kind: 'err', sentence: sentence(outcome.sentence),
    // A remedy that says what Start does need not be told to press it once more.
    detail: sentences(outcome.remedy, !/press Start/i.test(outcome.remedy ?? '') && goOn)
  }),
  completed: completeNotice,
  stopped: ({ by }) => ({
    kind: 'neutral', icon: 'stop', sentence: `The run was stopped by ${by}.`, detail: `Saved images are safe. ${goOn}`
  }),
}

function outcomeNotice(run) {
  const { outcome } = run.state
  // By its time: closing the news of one run does not hide those of the next.
  if (!outcome || isAlive(run.state) || run.isOutcomeClosed === outcome.at) return null
  // The page cannot explain an ending that only a newer server knows.
  const words = endings[outcome.status]?.(outcome, run)
  return words && { id: 'outcome', ...dated(outcome.at), ...words }
}

function completeNotice({ completed, at }, run) {
  const { state } = run
  const failed = state.grids.filter(({ status, images, problem }) => status === 'failed' || (images === 0 && problem)).map(
    ({ grid, problem }) => `Grid ${gridName(grid)}: ${sentence(problem)}`
  )
  // "Complete" alone would read as "all went well".
  const { gridsCompleted, grids, images, seconds, failures, reason } = completed
  const numbers = `${gridsCompleted} of ${grids} grids, ${count(images)} images, ${duration(seconds)}.`
  // What to put right before the next session stands first.
  const isToldBelow = state.grids.some(({ status, problem }) => status === 'failed' && problem === reason)
  const why = [failures && images === 0 ? `${failures}.` : '', isToldBelow ? '' : sentence(reason)]
  const [kind, words] = {
    noImage: ['warn', 'Ended with no image.'],
    failures: ['warn', failures ? `Completed with failures: ${failures}.` : 'Completed with failures.'],
  }[shortfallOf(completed)] ?? ['ok', 'Session complete.']
  return {
    kind, sentence: words, detail: sentences(...why, numbers, ...failed),
    actions: [link(run.browserPath(), { class: 'btn sm', key: 'results' }, 'See the results'),
      closer(words, () => { run.isOutcomeClosed = at })],
  }
}

function viewOnly(run) {
  return run.me.controls ? null : told('viewOnly', 'neutral', 'eye', 'You can watch this session.',
    `Members of ${run.state.session.group} and staff can control it.`, { at: 1 })
}

// So that everybody knows why the prompt went.
function answered(run) {
  const { lastAnswer, prompt } = run.state
  // For whoever was just reaching for the button. Later the log has it.
  const isOld = lastAnswer && moment(run.app.live) - Date.parse(lastAnswer.at) > 120_000
  if (!lastAnswer || prompt || isOld || run.closedAnswer === lastAnswer.id) return null
  // In the words of the button that was pressed.
  const answer = labelOf(lastAnswer.kind, lastAnswer.answer)
  return told('answered', 'ok', 'check', `${lastAnswer.by} chose ${answer}, ${clock(lastAnswer.at)}.`, '',
    { at: Date.parse(lastAnswer.at), actions: closer('prompt answered', () => { run.closedAnswer = lastAnswer.id }) })
}

// The whole state has been asked for, and will show what became of it.
const lateNotices = (run) => run.commands.late.map(({ key, act, sentAt }) =>
  told(`late ${key}`, 'info', 'clock', 'No answer yet, checking.', `${act} was sent ${dayAndClock(sentAt)}.`, { at: sentAt }))
