// What each kind of question says. Each answer carries its consequence, and the one that loses nothing stands out.

import { h } from '../dom.js'
import { bytes, capitalised, clock, count, duration, medianFit, plural } from '../format.js'
import { gridLeft, isOver, summaryOf, waiting } from '../estimates.js'
import { isHole, micrographName } from '../ids.js'
import { link } from './parts.js'
import { onlyWatches } from './status.js'

export function wording(state, prompt, summary, run) {
  return (wordings[prompt.kind] ?? unknownKind)(state, prompt, summary, run)
}

// A newer server may ask what this page has no words for. The run waits all the same.
const unknownKind = (state, { cause, answers = [] }) => ({
  icon: 'warn', title: 'The run needs an answer.', hint: cause,
  text: 'This page is older than the server. Reload it to see what each answer does.',
  answers: answers.map((answer) => ({ answer, label: capitalised(answer) })),
})

const nextGrid = (state, prompt) => summaryOf(state, prompt.nextGrid)?.grid

function proceedFrom(grid, state, prompt, what) {
  const next = nextGrid(state, prompt)
  const onward = prompt.last ? 'No more grids' : `${next ? `${next.slot} ${next.name}, ` : ''}unloads grid ${grid.slot}`
  return {
    answer: 'next', label: prompt.last ? 'Finish session' : 'Proceed to next grid',
    consequence: prompt.queued ? `Drops ${plural(prompt.queued, what)}` : onward
  }
}

const reply = (answer, label, consequence) => ({ answer, label, consequence })
const goOn = (consequence, label = 'Continue run') => ({ ...reply('continue', label, consequence), isPrimary: true })

// By kind, as named on the wire.
const wordings = {
  // With nothing queued Proceed stands out, since the question would come straight back.
  gridFinished(state, prompt, summary, run) {
    const { grid, images, fits } = summary
    const ahead = waiting(state, grid.id)
    // Squares still to be mapped are not holes yet.
    const what = ahead.squares ? 'target' : 'hole'
    const queued = plural(prompt.queued, what)
    const left = gridLeft(state, summary)
    const time = left ? `, about ${duration(left)}` : ''
    const proceed = { ...proceedFrom(grid, state, prompt, what), isPrimary: prompt.queued === 0 }
    // Both, for whoever was told to press Proceed, and for voice control, which goes by the words on the screen.
    if (prompt.last) proceed.name = `Proceed to next grid: ${proceed.label} ${proceed.consequence}`
    const go = {
      answer: 'continue', label: 'Continue current grid', isPrimary: prompt.queued > 0,
      consequence: prompt.queued ? `${queued}${time}` : 'Add targets first',
      reason: prompt.queued ? undefined : 'Add targets first.',
    }
    const facts = [h('span', h('b', count(images)), images === 1 ? ' image' : ' images'),
      h('span', 'CTF fit ', h('b', medianFit(fits)))]
    const base = { icon: 'pause', facts, answers: [go, proceed] }
    if (prompt.queued) {
      return {
        ...base, title: `Grid ${grid.slot} ${grid.name}: ${queued} added. Continue?`,
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
  // One doubles the dose, the other loses the image, and only a person can say which matters more.
  exposureUnknown: (state, prompt) => ({
    icon: 'warn', title: `Was ${prompt.micrograph ? `hole ${micrographName(prompt.micrograph)}` : 'the last hole'} exposed?`,
    text: 'The run was interrupted during this exposure and no image of it was found.',
    answers: [
      reply('again', 'Take it again', 'Adds dose if it was exposed'),
      reply('leave', 'Leave it', 'The hole stays without an image'),
    ],
  }),
  // Pressed too early, Continue costs nothing but the next question.
  diskFull: (state) => ({
    icon: 'disk', title: 'Disk full.',
    text: `The run paused itself at the reserve of ${bytes(state.session.settings.diskReserve)}; nothing was lost. `
      + 'Free space, then continue.',
    answers: [goOn('Checks the free space again')],
  }),
  // The one question that may go without an answer.
  diskSilent: (state, prompt) => ({
    icon: 'disk', title: 'A disk or a folder cannot be used.', hint: prompt.cause,
    text: 'The run paused itself; nothing was lost. It will go on by itself once it can be used.',
    answers: [goOn('Looks again now')],
  }),
  fileSilent: (state, prompt) => ({
    icon: 'disk', title: 'An image could not be written or read.', hint: prompt.cause,
    text: 'The run tried three times and paused itself; nothing was lost.',
    answers: [goOn('May image this target once more', 'Try again')],
  }),
  // No answer stands out: the wrong specimen costs as much as the right one left out. `state.cassette` is missing where it was
  // never read.
  cassetteChanged: (state, prompt, { grid }) => ({
    icon: 'warn', title: `Is grid ${grid.name} still in slot ${grid.slot}?`,
    text: `Somebody has changed the cassette since ${state.cassette ? clock(state.cassette.at) : 'it was read'}.`,
    hint: prompt.cassette?.changes.join(' '),
    answers: [
      reply('load', 'Load it', `Slot ${grid.slot}, as ${grid.name}`),
      reply('skip', 'Skip this grid', 'Leaves it in the cassette'),
    ],
  }),
  // No answer stands out: the wrong specimen taken for the right one costs the session.
  stageUnclear: (state, prompt, { grid }) => ({
    icon: 'warn', title: `Is the grid of slot ${grid.slot} on the stage?`,
    text: `Neither the slot nor this SerialEM can tell. Slot ${grid.slot} is to be ${grid.name}.`,
    hint: 'SerialEM 4.3 of July 2026 or later can tell; on a Thermo Fisher column it also needs UTAPI.',
    answers: [
      reply('continue', 'It is on the stage', `Images it as ${grid.name}`),
      reply('skip', 'Skip this grid', 'Goes on with the next grid'),
    ],
  }),
  // No answer stands out: one may double the dose, the other costs the images. The cause names the squares.
  imagedBefore: (state, prompt, { grid }) => ({
    icon: 'warn', title: `Was grid ${grid.slot} ${grid.name} imaged before?`, hint: prompt.cause,
    text: 'This happens when the store was put back from a backup. '
      + 'A new search gives holes other numbers, so nobody can tell which were exposed.',
    answers: [
      reply('continue', 'Image this grid', 'May expose holes a second time'),
      reply('skip', 'Skip this grid', 'Keeps its movies, exposes nothing'),
    ],
  }),
  atlasesTaken(state) {
    const left = state.grids.filter((each) => !isOver(each))
    const queued = left.filter(({ grid }) => waiting(state, grid.id).items.length)
    return {
      icon: 'pause', title: 'The atlases are taken. How to go on?',
      text: 'Choose targets on the atlas of each grid, in its report, for as long as you like; '
        + 'the cartridges stay where they are.',
      answers: [
        {
          ...reply('collect', 'Collect what is queued', queued.length
            ? `${plural(queued.length, 'grid')} of ${left.length}, each loaded once` : 'Nothing is queued: ends the session'),
          isPrimary: queued.length > 0
        },
        reply('screen', 'Screen each grid fully', `All ${plural(left.length, 'grid')}, also those without targets`),
      ],
    }
  },
  // No answer stands out: the wrong specimen costs as much as the right one left out.
  matchDoubtful: (state, prompt, { grid }) => ({
    icon: 'warn', title: `Is this grid ${grid.slot} ${grid.name}?`, hint: prompt.cause,
    text: 'Targets are where they were on the atlas. On another grid, or one that lies otherwise, they would be missed.',
    answers: [
      reply('continue', 'It is this grid', 'Images its targets as the match says'),
      reply('again', 'Look again', 'Takes all of the atlas once more'),
      reply('skip', 'Skip this grid', 'Goes on with the next grid'),
    ],
  }),
  imagesSuspect: (state, prompt) => ({
    icon: 'eye', title: 'Are these images right?', text: 'The run paused itself; nothing is exposed until you continue.',
    hint: prompt.cause, answers: [goOn('Keeps checking the next images')],
  }),
  // The server never tries again what was exposed.
  targetsFailAlike(state, prompt, { grid }) {
    const failed = failedTargets(prompt)
    return {
      icon: 'warn', title: `${failed} in a row failed for the same reason.`, hint: prompt.cause,
      text: 'The run paused itself, since the next ones would fail as well; nothing is exposed until somebody answers.',
      answers: [
        { ...reply('again', 'Try these again', `Puts the ${failed} first`), isPrimary: true },
        reply('continue', 'Continue run', `Leaves the ${failed} out`),
        { ...proceedFrom(grid, state, prompt, 'target'), name: prompt.last ? 'Proceed to next grid: Finish session' : undefined },
      ],
    }
  },
  gridsFailAlike(state, prompt) {
    const failed = plural(prompt.failedGrids?.length ?? 0, 'grid')
    const next = nextGrid(state, prompt)
    return {
      icon: 'warn', title: `${failed} in a row failed for the same reason.`, hint: prompt.cause,
      text: 'The run paused itself, since the next one would fail as well; no grid is loaded until somebody answers.',
      answers: [
        { ...reply('again', 'Try these again', `Loads the ${failed} once more`), isPrimary: true },
        {
          answer: 'continue', label: 'Continue with the next grid',
          consequence: next ? `${next.slot} ${next.name}, leaves the ${failed} out` : `Leaves the ${failed} out`,
        },
      ],
    }
  },
}

const failedTargets = ({ failedTargets: ids = [] }) => plural(ids.length, ids.every(isHole) ? 'hole' : 'square')

/** The question in the few words that a tab has room for. */
export function promptTitle(state) {
  const { prompt } = state
  const slot = summaryOf(state, prompt.grid)?.grid.slot
  const words = {
    gridFinished: `grid ${slot} needs you`, exposureUnknown: `an exposure on grid ${slot} needs you`,
    diskFull: `disk full since ${clock(prompt.raisedAt)}`, cassetteChanged: `slot ${slot} needs you`,
    stageUnclear: `slot ${slot} needs you`, imagedBefore: `grid ${slot} needs you`,
    diskSilent: `a disk has been silent since ${clock(prompt.raisedAt)}`, fileSilent: 'an image needs you',
    imagesSuspect: 'are the images right?', atlasesTaken: 'the plan needs you', matchDoubtful: `grid ${slot} needs you`,
    targetsFailAlike: `${failedTargets(prompt)} failed alike`,
    gridsFailAlike: `${plural(prompt.failedGrids?.length ?? 0, 'grid')} failed alike`
  }
  const title = words[prompt.kind] ?? 'needs you'
  return onlyWatches(state) ? title.replace('needs you', 'waits for an answer') : title
}
