// What the operator must see: prompt, then err, warn, all the rest; newest first within a kind; one for each cause.
//
// From the notices of `session/ID`, from what the page can derive (link, stop, disk, lock) and from its own refusals.
// Never to be misread: a notice that is gone means that its cause is gone. So what the server raised only the server clears, and
// only what is this page's own can be closed here.

import { h } from '../dom.js'
import { bytes, capitalised, clock, clockSeconds, count, dayAndClock, duration } from '../format.js'
import { moment, sessionLeft } from '../estimates.js'
import { isHole, micrographName, numberOf } from '../ids.js'
import { shortfallOf } from '../state/tools.js'
import { button, closer, icon, link } from './parts.js'
import { isAlive } from './status.js'
import { stepWords } from './now.js'
import { fullIn, missingBytes } from './vitals.js'

// How urgent before how new: a refusal must not push a lost microscope down. Among what is not urgent only the time counts: a run
// that was stopped stands above the answer that it got before. A kind that the page does not know goes last.
const rank = ({ kind }) => ({ err: 0, warn: 1, info: 2, ok: 2, neutral: 2 })[kind] ?? 3
// By the ids under which the server raises them (`NoticeID.swift`). Any other takes the icon of its kind.
const icons = { nitrogen: 'ln2', microscopeLost: 'plug', disk: 'disk', diskFull: 'disk', images: 'eye', slowStop: 'clock', pumps: 'clock', microscopeSilent: 'clock', scopeLock: 'lock' }
const kindIcons = { err: 'error', warn: 'warn', info: 'info', ok: 'done', neutral: 'info' }
// Longer than any single step should take. From then on the operator hears what it waits for, and that staff can do more.
const slowStopAfter = 5 * 60_000
// A refill is over well before; beyond this an empty dewar is likelier than a slow one.
const slowRefillAfter = 20 * 60_000
// More would push the run itself out of sight. The prompt is not counted, and always shown.
const shownAtOnce = 4

export function noticeList(run) {
  const all = collect(run)
  const shown = run.showsAllNotices ? all : all.slice(0, shownAtOnce)
  return h('section', { class: 'notices', id: 'notices', key: 'notices', 'aria-label': 'Notifications' },
    // The page's own list, so that a prompt and the notices are one region to those who go from landmark to landmark.
    run.prompts.render(), shown.map((notice) => card(run, notice)),
    all.length > shown.length && button({
      class: 'ghost sm more', key: 'more', press: () => { run.showsAllNotices = true; run.app.invalidate() },
    }, `${all.length - shown.length} more`))
}

/** Everything there is to say, one for each cause: what the server says replaces what the page derives. */
function collect(run) {
  const { state, app } = run
  const derived = [
    linkNotice(app.live), stopNotice(run), startNotice(run), diskNotice(run), lockNotice(run), outcomeNotice(run), viewOnly(run),
    answered(run), troubleNotice(run), ...lateNotices(run)
  ]
  // Their prompt says the same, and asks.
  const asked = { imagesSuspect: 'images', diskSilent: 'disk', fileSilent: 'disk' }[state.prompt?.kind]
  // A low disk is told by the newest reading, as in the disk's own card; what the server raised may be of an hour ago.
  const isOld = ({ id, kind }) => id === 'disk' && kind === 'warn' && run.disks.length > 0
  const told = state.notices.filter((notice) => notice.id !== asked && !isOld(notice)).map((notice) => fromServer(notice, moment(app.live)))
  // A later one of the same id takes the place of an earlier one, so the order here is that of who knows best.
  const byCause = new Map()
  for (const notice of [...derived.filter(Boolean), ...told, ...app.notices.values()]) byCause.set(notice.id, notice)
  return [...byCause.values()].sort((left, right) => rank(left) - rank(right) || right.at - left.at)
}

function card(run, { id, kind, icon: shape, sentence, detail, dim, when, ticks, actions, closable }) {
  // Only what went wrong interrupts a screen reader. Whatever ticks is marked off, or it would be read again each second.
  return h('div', { class: `notice ${kind}`, key: `notice ${id}`, role: kind === 'err' ? 'alert' : 'status' },
    icon(shape ?? kindIcons[kind] ?? 'info'),
    h(
      'div', {}, h('b', {}, sentence), detail && ` ${detail}`, ticks && h('span', { 'aria-live': 'off' }, ` ${ticks}`),
      dim && h('span', { class: 'dim' }, ` ${dim}`)
    ),
    h('div', { class: 'act' }, when && h('span', { class: 'when', 'aria-live': 'off' }, when), actions,
      closable && closer(sentence, () => run.app.forget(id))))
}

function fromServer({ id, kind, sentence, detail, raisedAt }, now) {
  const notice = { id, kind, icon: icons[id], sentence, detail, at: Date.parse(raisedAt), when: `since ${clock(raisedAt)}` }
  // The server raises it once, when the refill begins; that it takes too long only the clock can tell.
  if (id !== 'nitrogen' || now - notice.at < slowRefillAfter) return notice
  return { ...notice, kind: 'warn', sentence: 'Refill takes longer than usual.', detail: 'Check the dewar.' }
}

function linkNotice(live) {
  // Before the first word there is nothing on the page that could be stale; the bar says "Connecting…" meanwhile.
  if (!live.isStale || !live.lastHeard) return null
  // Spares the wait between two tries, which grows to about 15 s.
  const actions = button({ class: 'sm', key: 'try', press: () => live.connect() }, 'Try now')
  const when = duration(live.silence)
  if (live.link === 'off') {
    return {
      id: 'link', kind: 'err', icon: 'plug', sentence: 'Cannot reach the server.',
      detail: `Last data ${clockSeconds(live.lastHeard)}. Check your network, or look at the microscope computer.`, at: Infinity,
      when, actions
    }
  }
  return {
    // `Infinity` puts it first among its kind: it puts all the others in doubt.
    id: 'link', kind: 'warn', icon: 'plug', sentence: 'Reconnecting to the server.', at: Infinity, when, actions,
    detail: `What you see is from ${clockSeconds(live.lastHeard)}. The run may go on without this page. Buttons come back with the connection.`,
  }
}

/**
 * What Start is doing, for as long as no grid is on its way yet. Which grid comes first is the page's guess by the order of the
 * session.
 */
function startNotice({ state }) {
  if (state.status !== 'starting') return null
  const next = state.grids.find(({ status }) => status === 'loading') ?? state.grids.find(({ status }) => status !== 'completed')
  const loading = next ? `, then loading grid ${next.grid.slot} ${next.grid.name}` : ''
  return {
    id: 'starting', kind: 'info', icon: 'clock', sentence: 'Starting.',
    detail: `Connecting to ${state.microscope.name}${loading}.`, at: Date.parse(state.process.startedAt),
    when: clock(state.process.startedAt)
  }
}

function stopNotice(run) {
  const { state, app } = run
  if (!state.stop) return null
  const at = Date.parse(state.stop.at)
  // Offered only while the server can still take the stop back; once the column is being left the button goes.
  const actions = run.me.controls && state.stop.canBeTakenBack && button({
    class: 'sm', key: 'keep', reason: run.rests, busy: run.commands.isSent('keep'),
    press: () => run.command('keep', 'Keep running', '/cancel-stop'),
  }, 'Keep running')
  const base = { id: 'stop', icon: 'clock', at, when: clock(state.stop.at), actions, dim: `Requested by ${state.stop.by}.` }
  // The server raises the same by its own clock, and then knows better what it waits for. Never both.
  if (moment(app.live) - at > slowStopAfter && !state.notices.some(({ id }) => id === 'slowStop')) {
    const step = run.step ? stepWords(run.step).toLowerCase() : 'the microscope'
    return {
      ...base, kind: 'warn', sentence: 'Stopping takes longer than usual.', detail: `Waiting for: ${step}. Staff can force-kill.`
    }
  }
  const { exposure } = state
  // Expected, not measured. Once it is past nothing is said, and on a stale page a countdown would look like life.
  const left = exposure && (Date.parse(exposure.begunAt) + exposure.expectedSeconds * 1000 - app.live.now()) / 1000
  return {
    ...base, kind: 'info', sentence: 'Stop signal received.',
    detail: 'The session will stop after the current acquisition. This may take a few minutes.',
    ticks: left > 0 && !app.live.isStale ? `This exposure ends in about ${duration(left)}.` : undefined,
  }
}

/** What keeps the run and cannot be stored, since the store is what fails. */
function troubleNotice({ trouble }) {
  if (!trouble) return null
  return {
    id: 'trouble', kind: 'err', icon: 'disk', sentence: trouble.sentence, detail: trouble.detail, at: Date.parse(trouble.since),
    when: `since ${clock(trouble.since)}`
  }
}

/** Only while the run goes on and will not fit. A full disk pauses the run, and the prompt then says it. */
function diskNotice(run) {
  const { state, app } = run
  const disk = run.disks.find((each) => missingBytes(each) > 0)
  if (!disk || disk.level === 'full' || !isAlive(state) || ['diskFull', 'diskSilent'].includes(state.prompt?.kind)) return null
  const when = fullIn(disk)
  // When the run ends is an estimate that may be missing. The notice then names no time.
  const { left } = sessionLeft(state)
  const end = left === null || state.prompt ? '' : ` (${clock(moment(app.live) + left * 1000)})`
  // Always the oldest of its kind: it is about what will happen, and the others about what has.
  return {
    id: 'disk', kind: 'warn', icon: 'disk', at: 0, when: disk.path,
    sentence: when ? `Disk full ${when},` : 'Disk too small for this run.',
    detail: `${when ? `before this run ends${end}. ` : ''}Free at least ${bytes(missingBytes(disk))}, or stop saving frames for the remaining grids.`,
  }
}

function lockNotice(run) {
  const { state } = run
  // Who holds a microscope may have changed since the link was cut.
  if (run.app.live.isStale) return null
  // Without a name and a link for those who may not see the other session.
  const holder = run.otherHolder
  const name = state.microscope.name
  if (holder && !isAlive(state)) {
    const who = holder.sessionName ? `running ${holder.sessionName} (${holder.group}).` : 'running another session.'
    const actions = holder.session && link(`/sessions/${holder.session}/run`, { class: 'btn sm' }, 'View current session')
    return {
      id: 'lock', kind: 'warn', icon: 'lock', sentence: `Microscope ${name} is currently busy`,
      detail: `${who} This session cannot start until that one ends.`,
      at: Date.parse(holder.startedAt ?? 0), when: holder.startedAt && `since ${clock(holder.startedAt)}`, actions,
    }
  }
  // Of this session's own lock the header tells, all night long.
  return null
}

/** Where a run broke off, as far as is known: a crash in the middle of a load has a grid but no target. */
const placeName = ({ grid, target, micrograph }, state) => {
  const slot = state.grids.find((summary) => summary.grid.id === grid)?.grid.slot
  const what = micrograph ? `hole ${micrographName(micrograph)}` : target && `${isHole(target) ? 'hole' : 'square'} ${numberOf(target, isHole(target) ? 'h' : 's')}`
  return `${slot ? ` on grid ${slot}` : ''}${what ? `, ${what}` : ''}`
}

function outcomeNotice(run) {
  const { state } = run
  const { outcome } = state
  // By its time, so that closing the news of one run does not hide those of the next.
  if (!outcome || isAlive(state) || run.isOutcomeClosed === outcome.at) return null
  const base = { id: 'outcome', at: Date.parse(outcome.at), when: clock(outcome.at) }
  // Every ending but completion leads on by the same button; nothing else has to be put right first.
  const goOn = 'Press Start to go on.'
  switch (outcome.status) {
    case 'interrupted': return {
      ...base, kind: 'err', icon: 'error', sentence: `The run was interrupted${placeName(outcome.interrupted ?? {}, state)}.`,
      detail: `${sentence(outcome.sentence)} Saved images are safe; the lock is free again. ${goOn}`,
    }
    // What was found is the server's, a sentence each: the page must not claim that valves are closed.
    case 'killed': return {
      ...base, kind: 'err', icon: 'kill', sentence: `All processes were force-killed by ${outcome.by}.`,
      detail: [...(outcome.found ?? []).map(sentence), goOn].join(' '),
    }
    // `remedy` may be missing, where nobody knows one.
    case 'failed': return {
      ...base, kind: 'err', icon: 'error', sentence: sentence(outcome.sentence),
      // A remedy that says what Start does need not be told to press it once more.
      detail: [outcome.remedy, /press Start/i.test(outcome.remedy ?? '') ? '' : goOn].filter(Boolean).join(' ')
    }
    case 'completed': return completeNotice(run, base, outcome.completed)
    case 'stopped': return {
      ...base, kind: 'neutral', icon: 'stop', sentence: `The run was stopped by ${outcome.by}.`,
      detail: `Saved images are safe. ${goOn}`
    }
    // What a newer server calls an ending, this page cannot explain. The status pill says that it is unknown.
    default: return null
  }
}

/** A sentence ends with a full stop, wherever it came from. */
const sentence = (text) => (!text || /[.?!]$/.test(text) ? text ?? '' : `${text}.`)

function completeNotice(run, base, completed) {
  const { state } = run
  const failed = state.grids.filter(
    ({ status, images, problem }) => status === 'failed' || (images === 0 && problem)
  ).map(
    ({ grid, problem }) => `Grid ${grid.slot} ${grid.name}: ${sentence(problem)}`
  )
  // With the grids that failed beside it: "complete" alone would read as "all went well".
  const numbers = `${completed.gridsCompleted} of ${completed.grids} grids, ${count(completed.images)} images, ${duration(completed.seconds)}.`
  // Why most of them failed stands first: it is what to put right before the next session.
  const isToldBelow = state.grids.some(({ status, problem }) => status === 'failed' && problem === completed.reason)
  const why = [completed.failures && completed.images === 0 ? `${completed.failures}.` : '', isToldBelow ? '' : sentence(completed.reason)]
  const words = {
    noImage: { kind: 'warn', icon: 'warn', sentence: 'Ended with no image.' },
    failures: {
      kind: 'warn', icon: 'warn',
      sentence: completed.failures ? `Completed with failures: ${completed.failures}.` : 'Completed with failures.',
    },
  }[shortfallOf(completed)] ?? { kind: 'ok', icon: 'done', sentence: 'Session complete.' }
  return {
    ...base, ...words, detail: [...why, numbers, ...failed].filter(Boolean).join(' '),
    actions: [link(run.browserPath(), { class: 'btn sm', key: 'results' }, 'See the results'), closer(words.sentence, () => { run.isOutcomeClosed = state.outcome.at; run.app.invalidate() })],
  }
}

function viewOnly(run) {
  if (run.me.controls) return null
  return {
    id: 'viewOnly', kind: 'neutral', icon: 'eye', sentence: 'You can watch this session.',
    detail: `Members of ${run.state.session.group} and staff can control it.`, at: 1
  }
}

// In the words of the buttons that were pressed. The same answer to another question had another button.
const answers = {
  continue: 'Continue current grid', next: 'Proceed to next grid', again: 'Take it again', leave: 'Leave it', load: 'Load it',
  skip: 'Skip this grid',
}

function answerWords({ kind, answer }) {
  if (answer === 'again' && ['targetsFailAlike', 'gridsFailAlike'].includes(kind)) return 'Try these again'
  if (answer === 'continue' && kind === 'gridsFailAlike') return 'Continue with the next grid'
  if (answer === 'continue' && kind === 'imagedBefore') return 'Image this grid'
  if (answer === 'continue' && kind !== 'gridFinished') return 'Continue run'
  return answers[answer] ?? capitalised(answer)
}

/** So that everybody knows why the prompt went. */
function answered(run) {
  const { lastAnswer, prompt } = run.state
  // Two minutes, for whoever was just reaching for the button. Later the log has it.
  const isOld = lastAnswer && moment(run.app.live) - Date.parse(lastAnswer.at) > 120_000
  if (!lastAnswer || prompt || isOld || run.closedAnswer === lastAnswer.id) return null
  const answer = answerWords(lastAnswer)
  return {
    id: 'answered', kind: 'ok', icon: 'check', sentence: `${lastAnswer.by} chose ${answer}, ${clock(lastAnswer.at)}.`,
    at: Date.parse(lastAnswer.at),
    actions: closer('prompt answered', () => { run.closedAnswer = lastAnswer.id; run.app.invalidate() }),
  }
}

// "Checking" is true: the whole state has been asked for, and will show what became of the command.
const lateNotices = (run) => run.commands.late.map(({ key, act, sentAt }) => ({
  id: `late ${key}`, kind: 'info', icon: 'clock', sentence: 'No answer yet, checking.',
  detail: `${act} was sent ${dayAndClock(sentAt)}.`, at: sentAt,
}))
