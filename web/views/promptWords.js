// What each kind of question says. Each answer carries its consequence, and the one that loses nothing stands out.

import { bytes, capitalised, clock, count, duration, listed, medianFit, plural } from '../format.js'
import { gridLeft, isOver, summaryOf, waiting } from '../estimates.js'
import { gridName, isHole, micrographName } from '../ids.js'
import { h, link } from './parts.js'
import { onlyWatches } from './status.js'

// On the buttons: by answer and, where one means something else, by kind and answer.
const labels = {
  continue: 'Continue run', next: 'Proceed to next grid', again: 'Take it again', leave: 'Leave it', load: 'Load it',
  skip: 'Skip this grid', collect: 'Collect what is queued', screen: 'Screen each grid fully',
  'gridFinished continue': 'Continue current grid', 'fileSilent continue': 'Try again',
  'stageUnclear continue': 'It is on the stage', 'imagedBefore continue': 'Image this grid',
  'matchDoubtful continue': 'It is this grid', 'matchDoubtful again': 'Look again',
  'targetsFailAlike again': 'Try these again', 'gridsFailAlike again': 'Try these again',
  'gridsFailAlike continue': 'Continue with the next grid',
}

export const labelOf = (kind, answer) => labels[`${kind} ${answer}`] ?? labels[answer] ?? capitalised(answer)

export function wording(state, prompt, summary, run) {
  const { kind } = prompt
  const { answers, more, ...words } = (wordings[kind] ?? unknownKind)(state, prompt, summary, run)
  const all = Object.entries(answers)
  // The only one costs nothing but the next question, if it is pressed too early.
  const { primary = all.length === 1 && all[0][0] } = words
  return {
    icon: 'warn', ...words,
    answers: all.map(([answer, consequence]) => ({
      answer, label: labelOf(kind, answer), consequence, isPrimary: answer === primary, ...more?.[answer]
    })),
  }
}

// A newer server may ask what this page has no words for. The run waits all the same.
const unknownKind = (state, { cause, answers = [] }) => ({
  title: 'The run needs an answer.', hint: cause,
  text: 'This page is older than the server. Reload it to see what each answer does.',
  answers: Object.fromEntries(answers.map((answer) => [answer])), primary: null,
  more: Object.fromEntries(answers.map((answer) => [answer, { label: capitalised(answer) }])),
})

const nextGrid = (state, prompt) => summaryOf(state, prompt.nextGrid)?.grid

function proceeding({ slot }, state, prompt, what) {
  const next = nextGrid(state, prompt)
  return prompt.queued ? `Drops ${plural(prompt.queued, what)}`
    : prompt.last ? 'No more grids' : `${next ? `${gridName(next)}, ` : ''}unloads grid ${slot}`
}

const finish = { label: 'Finish session', name: 'Proceed to next grid: Finish session' }

// By kind, as named on the wire: `answers` tells what each does. None stands out where each may cost the session something: the
// wrong specimen imaged or the right one left out, a double dose or lost images.
const wordings = {
  // With nothing queued Proceed stands out: the question would come straight back.
  gridFinished(state, prompt, summary, run) {
    const { grid, images, fits } = summary
    // Squares still to be mapped are not holes yet.
    const what = waiting(state, grid.id).squares ? 'target' : 'hole'
    const queued = plural(prompt.queued, what)
    const left = gridLeft(state, summary)
    const next = proceeding(grid, state, prompt, what)
    const base = {
      icon: 'pause', primary: prompt.queued ? 'continue' : 'next',
      facts: [h('span', h('b', count(images)), images === 1 ? ' image' : ' images'),
        h('span', 'CTF fit ', h('b', medianFit(fits)))],
      // Both names, for whoever was told to press Proceed, and for voice control, which goes by the words on the screen.
      more: prompt.last && { next: { ...finish, name: `${finish.name} ${next}` } },
    }
    if (prompt.queued) {
      return {
        ...base, title: `Grid ${gridName(grid)}: ${queued} added. Continue?`,
        text: `${prompt.addedBy ? `Added by ${prompt.addedBy}. ` : ''}Proceeding instead leaves them unimaged.`,
        answers: { continue: left ? `${queued}, about ${duration(left)}` : queued, next },
      }
    }
    return {
      ...base, title: `Grid ${gridName(grid)} is finished. What next?`,
      text: `${plural(images, 'image')}, median CTF fit ${medianFit(fits)}.`,
      hint: !onlyWatches(state) && [
        'The queue for this grid is empty. ', link(run.gridPath(grid.id), {}, 'Add targets'),
        ' before you continue, otherwise this prompt comes straight back.'
      ],
      answers: { continue: 'Add targets first', next }, more: { continue: { reason: 'Add targets first.' }, ...base.more },
    }
  },
  // One doubles the dose, the other loses the image, and only a person can say which matters more.
  exposureUnknown: (state, { micrograph }) => ({
    title: `Was ${micrograph ? `hole ${micrographName(micrograph)}` : 'the last hole'} exposed?`,
    text: 'The run was interrupted during this exposure and no image of it was found.',
    answers: { again: 'Adds dose if it was exposed', leave: 'The hole stays without an image' },
  }),
  diskFull: ({ session }) => ({
    icon: 'disk', title: 'Disk full.',
    text: `The run paused itself at the reserve of ${bytes(session.settings.diskReserve)}; nothing was lost. `
      + 'Free space, then continue.',
    answers: { continue: 'Checks the free space again' },
  }),
  // The one question that may go without an answer.
  diskSilent: (state, { cause }) => ({
    icon: 'disk', title: 'A disk or a folder cannot be used.', hint: cause,
    text: 'The run paused itself; nothing was lost. It will go on by itself once it can be used.',
    answers: { continue: 'Looks again now' },
  }),
  fileSilent: (state, { cause }) => ({
    icon: 'disk', title: 'An image could not be written or read.', hint: cause,
    text: 'The run tried three times and paused itself; nothing was lost.',
    answers: { continue: 'May image this target once more' },
  }),
  // `state.cassette` is missing where it was never read.
  cassetteChanged: ({ cassette: read }, { cassette }, { grid: { slot, name } }) => ({
    title: `Is grid ${name} still in slot ${slot}?`,
    text: `Somebody has changed the cassette since ${read ? clock(read.at) : 'it was read'}.`,
    hint: cassette?.changes.join(' '),
    answers: { load: `Slot ${slot}, as ${name}`, skip: 'Leaves it in the cassette' },
  }),
  stageUnclear: (state, prompt, { grid: { slot, name } }) => ({
    title: `Is the grid of slot ${slot} on the stage?`,
    text: `Neither the slot nor this SerialEM can tell. Slot ${slot} is to be ${name}.`,
    hint: 'SerialEM 4.3 of July 2026 or later can tell; on a Thermo Fisher column it also needs UTAPI.',
    answers: { continue: `Images it as ${name}`, skip: 'Goes on with the next grid' },
  }),
  // The cause names the squares.
  imagedBefore: (state, { cause }, { grid }) => ({
    title: `Was grid ${gridName(grid)} imaged before?`, hint: cause,
    text: 'This happens when the store was put back from a backup. '
      + 'A new search gives holes other numbers, so nobody can tell which were exposed.',
    answers: { continue: 'May expose holes a second time', skip: 'Keeps its movies, exposes nothing' },
  }),
  atlasesTaken(state) {
    const left = state.grids.filter((each) => !isOver(each))
    const { length } = left.filter(({ grid }) => waiting(state, grid.id).items.length)
    return {
      icon: 'pause', title: 'The atlases are taken. How to go on?',
      text: 'Choose targets on the atlas of each grid, in its report, for as long as you like; '
        + 'the cartridges stay where they are.',
      answers: {
        collect: length ? `${plural(length, 'grid')} of ${left.length}, each loaded once` : 'Nothing is queued: ends the session',
        screen: `All ${plural(left.length, 'grid')}, also those without targets`,
      },
      primary: length > 0 && 'collect',
    }
  },
  matchDoubtful: (state, { cause }, { grid }) => ({
    title: `Is this grid ${gridName(grid)}?`, hint: cause,
    text: 'Targets are where they were on the atlas. On another grid, or one that lies otherwise, they would be missed.',
    answers: {
      continue: 'Images its targets as the match says', again: 'Takes all of the atlas once more',
      skip: 'Goes on with the next grid',
    },
  }),
  imagesSuspect: (state, { cause }) => ({
    icon: 'eye', title: 'Are these images right?', text: 'The run paused itself; nothing is exposed until you continue.',
    hint: cause, answers: { continue: 'Keeps checking the next images' },
  }),
  // The server never tries again what was exposed.
  targetsFailAlike(state, prompt, { grid }) {
    const failed = failedTargets(prompt)
    return {
      ...failedAlike(failed, prompt, 'ones', 'nothing is exposed'),
      answers: {
        again: `Puts the ${failed} first`, continue: capitalised(leftOut(failed)),
        next: proceeding(grid, state, prompt, 'target'),
      },
      more: prompt.last && { next: finish },
    }
  },
  gridsFailAlike(state, prompt) {
    const failed = failedGrids(prompt)
    const next = nextGrid(state, prompt)
    const goesOn = listed([next && gridName(next), leftOut(failed)])
    return {
      ...failedAlike(failed, prompt, 'one', 'no grid is loaded'),
      answers: { again: `Loads the ${failed} once more`, continue: capitalised(goesOn) },
    }
  },
}

const failedAlike = (failed, { cause }, next, nothing) => ({
  title: `${failed} in a row failed for the same reason.`, hint: cause, primary: 'again',
  text: `The run paused itself, since the next ${next} would fail as well; ${nothing} until somebody answers.`,
})
const leftOut = (failed) => `leaves the ${failed} out`
const failedTargets = ({ failedTargets: ids = [] }) => plural(ids.length, ids.every(isHole) ? 'hole' : 'square')
const failedGrids = ({ failedGrids: ids = [] }) => plural(ids.length, 'grid')

/** The question in the few words that a tab has room for. */
export function promptTitle(state) {
  const { prompt } = state
  const slot = summaryOf(state, prompt.grid)?.grid.slot
  const since = `since ${clock(prompt.raisedAt)}`
  const [ofGrid, ofSlot] = [`grid ${slot} needs you`, `slot ${slot} needs you`]
  const words = {
    gridFinished: ofGrid, exposureUnknown: `an exposure on ${ofGrid}`, diskFull: `disk full ${since}`, cassetteChanged: ofSlot,
    stageUnclear: ofSlot, imagedBefore: ofGrid, diskSilent: `a disk has been silent ${since}`, fileSilent: 'an image needs you',
    imagesSuspect: 'are the images right?', atlasesTaken: 'the plan needs you', matchDoubtful: ofGrid,
    targetsFailAlike: `${failedTargets(prompt)} failed alike`,
    gridsFailAlike: `${failedGrids(prompt)} failed alike`
  }
  const title = words[prompt.kind] ?? 'needs you'
  return onlyWatches(state) ? title.replace('needs you', 'waits for an answer') : title
}
