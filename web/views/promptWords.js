// What each kind of question says: its title, its facts, and each answer with what it will do.
//
// Never to be misread: what an answer will do. So each button carries its consequence, and the one that loses nothing stands out.

import { h } from '../dom.js'
import { bytes, capitalised, clock, count, duration, medianFit, plural } from '../format.js'
import { gridLeft, waiting } from '../estimates.js'
import { isHole, micrographName } from '../ids.js'
import { link } from './parts.js'
import { onlyWatches } from './status.js'

/** The words of a prompt; `summary` is its grid's, and `run` the page that shows it. */
export function wording(state, prompt, summary, run) {
  return (wordings[prompt.kind] ?? unknownKind)(state, prompt, summary, run)
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
  // No answer stands out: a second exposure doubles the dose, and a grid left out costs its images. The cause names the squares, which can be
  // taken out of the queue before anybody continues.
  imagedBefore: (state, prompt, { grid }) => ({
    icon: 'warn', title: `Was grid ${grid.slot} ${grid.name} imaged before?`, hint: prompt.cause,
    text: 'This happens when the store was put back from a backup. A new search gives holes other numbers, so nobody can tell which were exposed.',
    answers: [
      { answer: 'continue', label: 'Image this grid', consequence: 'May expose holes a second time' },
      { answer: 'skip', label: 'Skip this grid', consequence: 'Keeps its movies, exposes nothing' },
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
    stageUnclear: `slot ${slot} needs you`, imagedBefore: `grid ${slot} needs you`,
    diskSilent: `a disk has been silent since ${clock(prompt.raisedAt)}`, fileSilent: 'an image needs you', imagesSuspect: 'are the images right?',
    targetsFailAlike: `${failedTargets(prompt)} failed alike`, gridsFailAlike: `${plural(prompt.failedGrids?.length ?? 0, 'grid')} failed alike`
  }
  const title = words[prompt.kind] ?? 'needs you'
  return onlyWatches(state) ? title.replace('needs you', 'waits for an answer') : title
}
