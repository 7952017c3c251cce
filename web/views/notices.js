// What the operator must see: prompt, then err, warn, info, ok, the neutral lock; newest first within a kind; one for each cause.
//
// From the notices of `session/ID`, from what the page can derive (link, stop, disk, lock) and from its own refusals.
// Never to be misread: a notice that is gone means that its cause is gone. So what the server raised only the server clears, and
// only what is this page's own can be closed here.

import { h } from '../dom.js'
import { bytes, capitalised, clock, clockSeconds, count, dayAndClock, duration } from '../format.js'
import { sessionLeft } from '../estimates.js'
import { isHole, micrographName, numberOf } from '../ids.js'
import { button, icon, link } from './parts.js'
import { isAlive } from './status.js'
import { stepWords } from './now.js'

const order = { err: 0, warn: 1, info: 2, ok: 3, neutral: 4 }
const rank = ({ kind }) => order[kind] ?? order.neutral
const icons = { nitrogen: 'ln2', microscopeLost: 'plug', disk: 'disk', diskFull: 'disk', images: 'eye', slowStop: 'clock', pumps: 'clock' }
const kindIcons = { err: 'error', warn: 'warn', info: 'info', ok: 'done', neutral: 'info' }
const slowStopAfter = 5 * 60_000
const slowRefillAfter = 20 * 60_000
const shownAtOnce = 4

export function noticeList(run) {
  const all = collect(run)
  const shown = run.showsAllNotices ? all : all.slice(0, shownAtOnce)
  return h('section', { class: 'notices', id: 'notices', key: 'notices', 'aria-label': 'Notifications' },
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
    answered(run), ...lateNotices(run)
  ]
  // Their prompt says the same, and asks.
  const asked = { imagesSuspect: 'images', diskSilent: 'disk' }[state.prompt?.kind]
  const told = state.notices.filter(({ id }) => id !== asked).map((notice) => fromServer(notice, app.live.now()))
  const byCause = new Map()
  for (const notice of [...derived.filter(Boolean), ...told, ...app.notices.values()]) byCause.set(notice.id, notice)
  return [...byCause.values()].sort((left, right) => rank(left) - rank(right) || right.at - left.at)
}

function card(run, { id, kind, icon: shape, sentence, detail, dim, when, ticks, actions, closable }) {
  const close = () => run.app.forget(id)
  return h('div', { class: `notice ${kind}`, key: `notice ${id}`, role: kind === 'err' ? 'alert' : 'status' },
    icon(shape ?? kindIcons[kind] ?? 'info'),
    h(
      'div', {}, h('b', {}, sentence), detail && ` ${detail}`, ticks && h('span', { 'aria-live': 'off' }, ` ${ticks}`),
      dim && h('span', { class: 'dim' }, ` ${dim}`)
    ),
    h('div', { class: 'act' }, when && h('span', { class: 'when', 'aria-live': 'off' }, when), actions,
      closable && button(
        { class: 'sm icon ghost', key: 'close', 'aria-label': `Close: ${sentence}`, press: close }, icon('x', 's')
      )))
}

function fromServer({ id, kind, sentence, detail, raisedAt }, now) {
  const notice = { id, kind, icon: icons[id], sentence, detail, at: Date.parse(raisedAt), when: `since ${clock(raisedAt)}` }
  if (id !== 'nitrogen' || now - notice.at < slowRefillAfter) return notice
  return { ...notice, kind: 'warn', sentence: 'Refill takes longer than usual.', detail: 'Check the dewar.' }
}

function linkNotice(live) {
  if (!live.isStale || !live.lastHeard) return null
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
    id: 'link', kind: 'warn', icon: 'plug', sentence: 'Reconnecting to the server.', at: Infinity, when, actions,
    detail: `What you see is from ${clockSeconds(live.lastHeard)}. The run may go on without this page. Buttons come back with the connection.`,
  }
}

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
  const actions = run.me.controls && state.stop.canBeTakenBack && button({
    class: 'sm', key: 'keep', reason: run.rests, busy: run.commands.isSent('keep'),
    press: () => run.command('keep', 'Keep running', '/cancel-stop'),
  }, 'Keep running')
  const base = { id: 'stop', icon: 'clock', at, when: clock(state.stop.at), actions, dim: `Requested by ${state.stop.by}.` }
  if (app.live.now() - at > slowStopAfter && !state.notices.some(({ id }) => id === 'slowStop')) {
    const step = run.step ? stepWords(run.step).toLowerCase() : 'the microscope'
    return {
      ...base, kind: 'warn', sentence: 'Stopping takes longer than usual.', detail: `Waiting for: ${step}. Staff can force-kill.`
    }
  }
  const { exposure } = state
  const left = exposure && (Date.parse(exposure.begunAt) + exposure.expectedSeconds * 1000 - app.live.now()) / 1000
  return {
    ...base, kind: 'info', sentence: 'Stop signal received.',
    detail: 'The session will stop after the current acquisition. This may take a few minutes.',
    ticks: left > 0 && !app.live.isStale ? `This exposure ends in about ${duration(left)}.` : undefined,
  }
}

function diskNotice(run) {
  const { state, app } = run
  const disk = run.disks.find(({ level }) => level === 'low')
  if (!disk || !isAlive(state) || ['diskFull', 'diskSilent'].includes(state.prompt?.kind)) return null
  const spare = disk.freeBytes - disk.reserveBytes
  const missing = disk.neededBytes - spare
  const hours = disk.bytesPerHour > 0 ? spare / disk.bytesPerHour : null
  const { left } = sessionLeft(state)
  const end = left === null ? '' : ` (${clock(app.live.now() + left * 1000)})`
  const free = missing > 0 ? `Free at least ${bytes(missing)}, or stop` : 'Free space, or stop'
  return {
    id: 'disk', kind: 'warn', icon: 'disk', at: 0, when: disk.path,
    sentence: hours === null ? 'Disk too small for this run.' : `Disk full in ${duration(hours * 3600)},`,
    detail: `${hours === null ? '' : `${missing > 0 ? `before this run ends${end}. ` : 'at this rate. '}`}${free} saving frames for the remaining grids.`,
  }
}

function lockNotice(run) {
  const { state } = run
  // Who holds a microscope may have changed since the link was cut.
  if (run.app.live.isStale) return null
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
  if (!isAlive(state)) return null
  return {
    id: 'lock', kind: 'neutral', icon: 'lock', sentence: `Microscope ${name} is currently busy running this session.`,
    dim: 'No other session can start on it.',
    at: 0, when: state.process.startedAt && `since ${clock(state.process.startedAt)}`,
  }
}

const placeName = ({ grid, target, micrograph }, state) => {
  const slot = state.grids.find((summary) => summary.grid.id === grid)?.grid.slot
  const what = micrograph ? `hole ${micrographName(micrograph)}` : target && `${isHole(target) ? 'hole' : 'square'} ${numberOf(target, isHole(target) ? 'h' : 's')}`
  return `${slot ? ` on grid ${slot}` : ''}${what ? `, ${what}` : ''}`
}

function outcomeNotice(run) {
  const { state } = run
  const { outcome } = state
  if (!outcome || isAlive(state) || run.isOutcomeClosed === outcome.at) return null
  const base = { id: 'outcome', at: Date.parse(outcome.at), when: clock(outcome.at) }
  const goOn = 'Press Start to go on.'
  switch (outcome.status) {
    case 'interrupted': return {
      ...base, kind: 'err', icon: 'error', sentence: `The run was interrupted${placeName(outcome.interrupted ?? {}, state)}.`,
      detail: `${sentence(outcome.sentence)} Saved images are safe; the lock is free again. ${goOn}`,
    }
    case 'killed': return {
      ...base, kind: 'err', icon: 'kill', sentence: `All processes were force-killed by ${outcome.by}.`,
      detail: [...(outcome.found ?? []).map(sentence), goOn].join(' '),
    }
    case 'failed': return {
      ...base, kind: 'err', icon: 'error', sentence: sentence(outcome.sentence),
      detail: [outcome.remedy, goOn].filter(Boolean).join(' ')
    }
    case 'completed': return completeNotice(run, base, outcome.completed)
    case 'stopped': return {
      ...base, kind: 'neutral', icon: 'stop', sentence: `The run was stopped by ${outcome.by}.`,
      detail: `Saved images are safe. ${goOn}`
    }
    default: return null
  }
}

/** A sentence ends with a full stop, wherever it came from. */
const sentence = (text) => (!text || /[.?!]$/.test(text) ? text ?? '' : `${text}.`)

function completeNotice(run, base, completed) {
  const { state } = run
  const failed = state.grids.filter(({ status }) => status === 'failed').map(
    ({ grid, problem }) => `Grid ${grid.slot} ${grid.name}: ${sentence(problem)}`
  )
  const numbers = `${completed.gridsCompleted} of ${completed.grids} grids, ${count(completed.images)} images, ${duration(completed.seconds)}.`
  return {
    ...base, kind: 'ok', icon: 'done', sentence: 'Session complete.', detail: [numbers, ...failed].join(' '),
    actions: [link(run.browserPath(), { class: 'btn sm', key: 'results' }, 'See the results'), button({
      class: 'sm icon ghost', key: 'close', 'aria-label': 'Close: Session complete',
      press: () => { run.isOutcomeClosed = state.outcome.at; run.app.invalidate() },
    }, icon('x', 's'))],
  }
}

function viewOnly(run) {
  if (run.me.controls) return null
  return {
    id: 'viewOnly', kind: 'neutral', icon: 'eye', sentence: 'You can watch this session.',
    detail: `Members of ${run.state.session.group} and staff can control it.`, at: 1
  }
}

const answers = {
  continue: 'Continue current grid', next: 'Proceed to next grid', again: 'Take it again', leave: 'Leave it', load: 'Load it',
  skip: 'Skip this grid',
}

/** So that everybody knows why the prompt went. */
function answered(run) {
  const { lastAnswer, prompt } = run.state
  const isOld = lastAnswer && run.app.live.now() - Date.parse(lastAnswer.at) > 120_000
  if (!lastAnswer || prompt || isOld || run.closedAnswer === lastAnswer.id) return null
  const isRun = lastAnswer.answer === 'continue' && lastAnswer.kind !== 'gridFinished'
  const answer = isRun ? 'Continue run' : answers[lastAnswer.answer] ?? capitalised(lastAnswer.answer)
  return {
    id: 'answered', kind: 'ok', icon: 'check', sentence: `${lastAnswer.by} chose ${answer}, ${clock(lastAnswer.at)}.`,
    at: Date.parse(lastAnswer.at),
    actions: button(
      {
        class: 'sm icon ghost', key: 'close', 'aria-label': 'Close: prompt answered',
        press: () => { run.closedAnswer = lastAnswer.id; run.app.invalidate() }
      },
      icon('x', 's')
    ),
  }
}

const lateNotices = (run) => run.commands.late.map(({ key, act, sentAt }) => ({
  id: `late ${key}`, kind: 'info', icon: 'clock', sentence: 'No answer yet, checking.',
  detail: `${act} was sent ${dayAndClock(sentAt)}.`, at: sentAt,
}))
