// The one notice that asks: on the page, and as a sheet over the thumb bar of a phone.
//
// From `prompt` of `session/ID`. The server says which question it is and takes the first answer from anybody; the words are here.
// Never to be misread: what an answer will do. So each button carries its consequence, the one that loses nothing stands out, and
// the question goes only when the server says that it was answered or withdrawn.

import { image } from '../api.js'
import { h } from '../dom.js'
import { bytes, capitalised, clock, count, duration, medianFit, plural } from '../format.js'
import { gridLeft, moment, summaryOf, waiting } from '../estimates.js'
import { isHole, micrographName } from '../ids.js'
import { button, icon, link, picture } from './parts.js'
import { onlyWatches } from './status.js'

// Milliseconds after the sheet has risen under a thumb.
// A tap meant for something else cannot answer.
const armsAfter = 400

export class PromptView {
  #run
  // Which prompt is on the page, whether its sheet takes taps yet, whether it is lowered, and a drag of its handle in progress.
  #shown = null
  #armed = false
  #isLow = false
  #drag = null

  constructor(run) { this.#run = run }

  // Lowered, the sheet is a line over the thumb bar, and Stop can be reached again: nobody must answer before they may stop.
  get coversThumb() { return Boolean(this.#run.state?.prompt) && !this.#isLow }

  /** A new prompt is announced once, and its sheet rises again. */
  heard() {
    const { state, app } = this.#run
    const id = state?.prompt?.id ?? null
    // By its id and not by its content: targets that are added change a prompt, and a sheet that somebody has lowered stays
    // low.
    if (id === this.#shown) return
    this.#shown = id
    this.#isLow = false
    this.#armed = false
    if (!id) return
    // A later prompt has a wait of its own.
    setTimeout(() => {
      if (this.#shown !== id) return
      this.#armed = true
      app.invalidate()
    }, armsAfter)
  }

  render() {
    const words = this.#words()
    if (!words) return null
    // `alert` is read out at once. Not as a whole with each change, or the waiting time would bring all of it again every
    // second.
    return h('section',
      { class: 'prompt', key: 'prompt', role: 'alert', 'aria-atomic': 'false', 'aria-labelledby': 'prompt-title' },
      icon(words.icon),
      h(
        'div', {}, h('h2', { id: 'prompt-title' }, words.title), this.#facts(words),
        words.hint && h('p', { class: 'hint', id: 'prompt-hint' }, icon('info', 's'), h('span', {}, words.hint))
      ),
      // Whoever may only watch sees the question all the same: it is why the run stands still.
      this.#run.me.controls && h(
        'div', { class: 'act' }, words.answers.map((answer) => this.#button(answer, 'page', 'prompt-hint'))
      ))
  }

  /**
   * The same question for a phone; the style sheet hides it on anything wider. It can be lowered but not dismissed, since the
   * run waits for it.
   */
  renderSheet() {
    const words = this.#words()
    if (!words) return null
    const { state, me } = this.#run
    const style = this.#drag ? { transform: `translateY(${Math.max(0, this.#drag.by)}px)` } : {}
    // A button, so that keyboards and screen readers lower it as well as a finger.
    const handle = h('button', {
      type: 'button', class: 'handle', 'aria-expanded': !this.#isLow,
      'aria-label': this.#isLow ? 'Show the question' : 'Lower the question',
      on: {
        click: () => this.#lower(!this.#isLow), pointerdown: (event) => this.#grab(event),
        pointermove: (event) => this.#pull(event), pointerup: () => this.#letGo(), pointercancel: () => this.#letGo()
      },
    })
    return h('section',
      {
        class: `sheet ${this.#isLow ? 'low' : ''}`, key: 'sheet', role: 'alert', 'aria-atomic': 'false',
        'aria-labelledby': 'sheet-title', style
      },
      handle, h('h2', { id: 'sheet-title' }, icon(words.icon), words.title),
      !this.#isLow && [
        h('div', { class: 'thumbs', key: 'thumbs' }, thumbs(state).map((src) => picture(this.#run.app, src, ''))),
        !words.facts.length && words.text && h('p', { key: 'text' }, words.text),
        h(
          'div', { class: 'facts', key: 'facts' }, words.facts,
          h('span', { 'aria-live': 'off' }, 'waiting ', h('b', {}, this.#waiting())), words.results
        ),
        words.hint && h(
          'p', { class: 'row top', key: 'hint', id: 'sheet-hint' }, h('span', { class: 'c-warn' }, icon('info')),
          h('span', {}, words.hint)
        ),
        // Continue above, Proceed lowest, as on the page: whoever has learnt one place finds the other.
        me.controls && words.answers.map((answer) => this.#button(answer, 'sheet', 'sheet-hint')),
      ])
  }

  // The time that ticks is not read out.
  #facts(words) {
    return h(
      'p', {}, words.text, words.text && ' ',
      onlyWatches(this.#run.state) && `A member of ${this.#run.state.session.group} can answer. `,
      h('span', { 'aria-live': 'off' }, `Waiting for ${this.#waiting()}. `), words.results
    )
  }

  #waiting() {
    const { state, app } = this.#run
    return duration((moment(app.live) - Date.parse(state.prompt.raisedAt)) / 1000)
  }

  #button({ answer, label, consequence, name, reason, isPrimary }, place, hint) {
    const { state, commands, rests } = this.#run
    const key = `${place} ${answer}`
    // Only the sheet waits: it comes up where the thumb bar was. The card on the page covers nothing.
    const isArmed = place === 'page' || this.#armed
    const small = consequence && h('small', {}, consequence)
    // A button that rests is never the one that stands out, and the reason is the hint that everybody can read, not a tooltip.
    return button({
      key, id: `${place}-${answer}`, class: isPrimary && !reason ? 'primary' : '', 'aria-label': name, reason: rests ?? reason,
      describedBy: !rests && reason ? hint : undefined,
      busy: commands.isSent(`answer ${state.prompt.id}`) || (!isArmed && 'arming'),
      press: () => this.#answer(answer, label),
    }, place === 'page' ? h('span', {}, label, small) : [h('span', {}, label), small])
  }

  // The id goes along. An answer to a question that somebody else has answered meanwhile is refused, and never taken for the
  // next one.
  #answer(answer, label) {
    const { id } = this.#run.state.prompt
    this.#run.command(`answer ${id}`, label, `/prompts/${id}`, { answer })
  }

  #words() {
    const { state } = this.#run
    if (!state?.prompt) return null
    // Without a grid that the page knows there is nothing to link to.
    const summary = summaryOf(state, state.prompt.grid)
    const results = link(this.#run.gridPath(state.prompt.grid), { class: 'nowrap' }, 'See the results')
    const wording = wordings[state.prompt.kind] ?? unknownKind
    return { results: summary && results, facts: [], ...wording(state, state.prompt, summary, this.#run) }
  }

  // A drag ends with a click on the handle, which would undo it.
  #lower(isLow) {
    if (this.#drag?.moved) return
    this.#isLow = isLow
    this.#run.app.invalidate()
  }

  // With the capture a finger that leaves the narrow handle still drags the sheet.
  #grab(event) {
    event.target.setPointerCapture(event.pointerId)
    this.#drag = { from: event.clientY, by: 0 }
  }

  #pull(event) {
    if (!this.#drag) return
    this.#drag.by = event.clientY - this.#drag.from
    this.#run.app.invalidate()
  }

  // 60 pixels are more than a thumb rolls in a press.
  /** A long pull lowers or raises it; a press does both. */
  #letGo() {
    const by = this.#drag?.by ?? 0
    this.#drag = Math.abs(by) > 60 ? { moved: true, by: 0 } : null
    if (this.#drag) {
      this.#isLow = by > 0
      // The click comes right after this event; only then may presses count again.
      setTimeout(() => { this.#drag = null }, 0)
    }
    this.#run.app.invalidate()
  }
}

/**
 * From the widest look to the closest, as far as there are images. They may belong to another grid than the prompt; the facts
 * beside them do not.
 */
function thumbs({ last }) {
  const high = last.highMag?.micrograph
  return [
    last.atlas && image(last.atlas.grid, 180), last.square && image(last.square.target, 180), high && image(high, 180),
    high && image(high, 180, 'spectrum')
  ].filter(Boolean)
}

// A server that was updated under an open page may ask what this page has no words for. The run waits for the answer all the same,
// so the page offers the answers by their own names, and claims nothing about what they do.
const unknownKind = (state, { cause, answers = [] }) => ({
  icon: 'warn', title: 'The run needs an answer.', hint: cause,
  text: 'This page is older than the server. Reload it to see what each answer does.',
  answers: answers.map((answer) => ({ answer, label: capitalised(answer) })),
})

// One entry for each kind of prompt, by its name on the wire.
const wordings = {
  // What loses nothing stands out. With targets queued that is Continue, since Proceed drops them; with none it is Proceed, and
  // Continue rests, since the question would come straight back.
  gridFinished(state, prompt, summary, run) {
    const { grid, images, fits } = summary
    const ahead = waiting(state, grid.id)
    // Squares still to be mapped are not holes yet, so a mixed queue is counted as targets.
    const what = ahead.squares ? 'target' : 'hole'
    const queued = plural(prompt.queued, what)
    const left = gridLeft(state, summary)
    const time = left ? `, about ${duration(left)}` : ''
    const next = state.grids.find((candidate) => candidate.grid.id === prompt.nextGrid)?.grid
    const onward = prompt.last ? 'No more grids' : `${next ? `${next.slot} ${next.name}, ` : ''}unloads grid ${grid.slot}`
    const proceed = {
      answer: 'next', label: prompt.last ? 'Finish session' : 'Proceed to next grid', isPrimary: prompt.queued === 0,
      consequence: prompt.queued ? `Drops ${queued}` : onward,
    }
    // The last grid's button reads "Finish session" but sends the same answer. Its full name has both, for whoever was told to
    // press Proceed, and for voice control, which goes by the words on the screen.
    if (prompt.last) proceed.name = `Proceed to next grid: ${proceed.label} ${proceed.consequence}`
    const go = {
      answer: 'continue', label: 'Continue current grid', isPrimary: prompt.queued > 0,
      consequence: prompt.queued ? `${queued}${time}` : 'Add targets first',
      reason: prompt.queued ? undefined : 'Add targets first.',
    }
    const facts = [h('span', {}, h('b', {}, count(images)), images === 1 ? ' image' : ' images'), h('span', {}, 'CTF fit ', h('b', {}, medianFit(fits)))]
    const base = { icon: 'pause', facts, answers: [go, proceed] }
    if (prompt.queued) {
      return {
        ...base, title: `Grid ${grid.slot} ${grid.name}: ${queued} added. Continue?`,
        // Whoever added last. Missing when what is queued was there before the question.
        text: `${prompt.addedBy ? `Added by ${prompt.addedBy}. ` : ''}Proceeding instead leaves them unimaged.`
      }
    }
    return {
      ...base, title: `Grid ${grid.slot} ${grid.name} is finished. What next?`,
      text: `${plural(images, 'image')}, median CTF fit ${medianFit(fits)}.`,
      hint: !onlyWatches(state) && [
        'The queue for this grid is empty. ', link(run.gridPath(grid.id), {}, 'Add targets'),
        ' before you continue, otherwise this prompt comes straight back.'
      ],
    }
  },
  // Neither stands out: a second exposure doubles the dose, none loses the image, and only a person can say which matters more
  // here.
  exposureUnknown: (state, prompt) => ({
    icon: 'warn', title: `Was ${prompt.micrograph ? `hole ${micrographName(prompt.micrograph)}` : 'the last hole'} exposed?`,
    text: 'The run was interrupted during this exposure and no image of it was found.',
    answers: [
      { answer: 'again', label: 'Take it again', consequence: 'Adds dose if it was exposed' },
      { answer: 'leave', label: 'Leave it', consequence: 'The hole stays without an image' },
    ],
  }),
  // Continue asks the disk again: pressed too early it costs nothing but the next question.
  diskFull: (state) => ({
    icon: 'disk', title: 'Disk full.',
    text: `The run paused itself at the reserve of ${bytes(state.session.settings.diskReserve)}; nothing was lost. Free space, then continue.`,
    answers: [{ answer: 'continue', label: 'Continue run', consequence: 'Checks the free space again', isPrimary: true }],
  }),
  // The one question that may go without an answer. The cause is the server's sentence: which disk, and what it said.
  diskSilent: (state, prompt) => ({
    icon: 'disk', title: 'A disk or a folder cannot be used.', hint: prompt.cause,
    text: 'The run paused itself; nothing was lost. It will go on by itself once it can be used.',
    answers: [{ answer: 'continue', label: 'Continue run', consequence: 'Looks again now', isPrimary: true }],
  }),
  fileSilent: (state, prompt) => ({
    icon: 'disk', title: 'An image could not be written or read.', hint: prompt.cause,
    text: 'The run tried three times and paused itself; nothing was lost.',
    answers: [{ answer: 'continue', label: 'Try again', consequence: 'May image this target once more', isPrimary: true }],
  }),
  // No answer stands out: the wrong specimen on the stage costs as much as the right one left out. `state.cassette` is missing
  // in sessions whose cassette was never read.
  cassetteChanged: (state, prompt, { grid }) => ({
    icon: 'warn', title: `Is grid ${grid.name} still in slot ${grid.slot}?`,
    text: `Somebody has changed the cassette since ${state.cassette ? clock(state.cassette.at) : 'it was read'}.`,
    hint: prompt.cassette?.changes.join(' '),
    answers: [
      { answer: 'load', label: 'Load it', consequence: `Slot ${grid.slot}, as ${grid.name}` },
      { answer: 'skip', label: 'Skip this grid', consequence: 'Leaves it in the cassette' },
    ],
  }),
  // No answer stands out: the wrong specimen taken for the right one costs the session.
  stageUnclear: (state, prompt, { grid }) => ({
    icon: 'warn', title: `Is the grid of slot ${grid.slot} on the stage?`,
    text: `Neither the slot nor this SerialEM can tell. Slot ${grid.slot} is to be ${grid.name}.`,
    hint: 'SerialEM 4.3 of July 2026 or later can tell; on a Thermo Fisher column it also needs UTAPI.',
    answers: [
      { answer: 'continue', label: 'It is on the stage', consequence: `Images it as ${grid.name}` },
      { answer: 'skip', label: 'Skip this grid', consequence: 'Goes on with the next grid' },
    ],
  }),
  imagesSuspect: (state, prompt) => ({
    icon: 'eye', title: 'Are these images right?', text: 'The run paused itself; nothing is exposed until you continue.',
    hint: prompt.cause,
    answers: [{ answer: 'continue', label: 'Continue run', consequence: 'Keeps checking the next images', isPrimary: true }],
  }),
  // The cause is the microscope's own sentence, or the finder's. What failed stays failed unless somebody tries it again, which
  // therefore stands out; what was exposed is never tried again, and the server sees to that.
  targetsFailAlike(state, prompt, { grid }) {
    const failed = failedTargets(prompt)
    const next = state.grids.find((candidate) => candidate.grid.id === prompt.nextGrid)?.grid
    const onward = prompt.last ? 'No more grids' : `${next ? `${next.slot} ${next.name}, ` : ''}unloads grid ${grid.slot}`
    return {
      icon: 'warn', title: `${failed} in a row failed for the same reason.`, hint: prompt.cause,
      text: 'The run paused itself, since the next ones would fail as well; nothing is exposed until somebody answers.',
      answers: [
        { answer: 'again', label: 'Try these again', consequence: `Puts the ${failed} first`, isPrimary: true },
        { answer: 'continue', label: 'Continue run', consequence: `Leaves the ${failed} out` },
        {
          answer: 'next', label: prompt.last ? 'Finish session' : 'Proceed to next grid',
          name: prompt.last ? 'Proceed to next grid: Finish session' : undefined,
          consequence: prompt.queued ? `Drops ${plural(prompt.queued, 'target')}` : onward,
        },
      ],
    }
  },
  gridsFailAlike(state, prompt) {
    const failed = plural(prompt.failedGrids?.length ?? 0, 'grid')
    const next = state.grids.find((candidate) => candidate.grid.id === prompt.nextGrid)?.grid
    return {
      icon: 'warn', title: `${failed} in a row failed for the same reason.`, hint: prompt.cause,
      text: 'The run paused itself, since the next one would fail as well; no grid is loaded until somebody answers.',
      answers: [
        { answer: 'again', label: 'Try these again', consequence: `Loads the ${failed} once more`, isPrimary: true },
        {
          answer: 'continue', label: 'Continue with the next grid',
          consequence: next ? `${next.slot} ${next.name}, leaves the ${failed} out` : `Leaves the ${failed} out`,
        },
      ],
    }
  },
}

/** `3 holes`. They are of one kind: squares and holes are counted apart. */
const failedTargets = ({ failedTargets: ids = [] }) => plural(ids.length, ids.every(isHole) ? 'hole' : 'square')

/**
 * The question in the few words that a tab has room for. Of a kind that the page does not know it still says that a person is
 * needed.
 */
export function promptTitle(state) {
  const { prompt } = state
  const slot = state.grids.find(({ grid }) => grid.id === prompt.grid)?.grid.slot
  const words = {
    gridFinished: `grid ${slot} needs you`, exposureUnknown: `an exposure on grid ${slot} needs you`,
    diskFull: `disk full since ${clock(prompt.raisedAt)}`, cassetteChanged: `slot ${slot} needs you`,
    stageUnclear: `slot ${slot} needs you`,
    diskSilent: `a disk has been silent since ${clock(prompt.raisedAt)}`, fileSilent: 'an image needs you', imagesSuspect: 'are the images right?',
    targetsFailAlike: `${failedTargets(prompt)} failed alike`, gridsFailAlike: `${plural(prompt.failedGrids?.length ?? 0, 'grid')} failed alike`
  }
  const title = words[prompt.kind] ?? 'needs you'
  return onlyWatches(state) ? title.replace('needs you', 'waits for an answer') : title
}
