// Sessions out of the lists, and back.

import { button } from './parts.js'
import { isAlive } from './status.js'

const act = (page, words, archived) => page.me.controls && button({
  class: 'sm', key: 'archive', reason: page.rests, busy: page.commands.isSent('archive'),
  press: () => page.commands.do('archive', words, 'PUT', `${page.path}/archived`, { archived }),
}, words)

export const archiveButton = (page) => !page.state.archived && !isAlive(page.state) && act(page, 'Archive', true)

export const archivedNotice = (page) => page.state?.archived && {
  id: 'archived', kind: 'info', at: 0, sentence: 'This session is in the archive.', detail: 'Lists leave it out, and nobody starts it.',
  actions: act(page, 'Take out of the archive', false),
}
