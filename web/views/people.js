// Accounts and groups, for staff: read when opened and after each act.

import { get, send } from '../api.js'
import { whyStale } from '../commands.js'
import { clockSeconds, dayAndClock, plural, sentences } from '../format.js'
import { AddPersonDialog, PersonDialog, roleWord } from './peopleDialogs.js'
import { asTyped, button, card, cell, h, hidden, icon, page, problemNotice, readHead, space, submitter, table } from './parts.js'

export class PeopleView {
  place = 'people'
  people = []
  groups = []
  /** Why the last act was not done; an open dialog shows it, else the page. */
  refusal = null
  #problem = null
  #readAt = null
  #busy = null

  constructor(app) { this.app = app }

  title() { return 'People' }
  open() { this.read() }

  get rests() { return whyStale(this.app.live) ?? (this.#busy ? 'Another change is under way.' : undefined) }
  isBusy(key) { return this.#busy === key }
  /** Null while the facility lists no group: then any name makes one. */
  get listed() { return this.groups.some(({ isListed }) => isListed) ? this.groups.map(({ name }) => name) : null }

  async read() {
    try {
      const [people, groups] = await Promise.all([get('/api/people'), get('/api/groups')])
      ;[this.people, this.groups, this.#problem, this.#readAt] = [people.items, groups.items, null, this.app.live.now()]
    } catch (problem) {
      // Whoever has just removed their own account, for one.
      if (problem.status === 401) return location.reload()
      // Kept as what was so then: a dialog may be the only place that shows a new token.
      this.#problem = problem
      if (problem.status === 403) [this.people, this.groups, this.#readAt] = [[], [], null]
    }
    this.app.invalidate()
  }

  /** One act at a time, then everything is read anew. Gives the answer, `true` where it is empty, or null for a refusal. */
  async act(key, words, method, path, body) {
    if (this.#busy || this.app.live.isStale) return null
    this.#busy = key
    this.refusal = null
    let answer = null
    try {
      answer = (await send(method, path, body)) ?? true
    } catch (problem) {
      this.refusal = { words, problem }
    }
    await this.read()
    this.#busy = null
    return answer
  }

  refused() {
    if (!this.refusal) return null
    const { words, problem } = this.refusal
    // The server, too, may not know what becomes of an act that waits for its disk.
    const isLost = problem.isLost || problem.code?.endsWith('.noAnswer')
    const said = isLost ? 'had no answer. Look below whether it was done.' : 'was not done.'
    return problemNotice({ sentence: `${words} ${said}`, remedy: sentences(problem.sentence, problem.remedy) }, 'refused')
  }

  outdated() {
    if (!this.#problem) return null
    const { sentence, remedy } = this.#problem
    const since = this.#readAt && `What is shown was read at ${clockSeconds(this.#readAt)}.`
    return problemNotice({ sentence, remedy: sentences(remedy, since) })
  }

  show(dialog) {
    this.refusal = null
    this.app.show(dialog)
  }

  render() {
    return page('people', readHead('People', this.#readAt, { press: () => this.read() }),
      !this.app.dialog && [this.outdated(), this.refused()], this.#readAt && [this.#accounts(), this.#groups()])
  }

  #accounts() {
    const titles = ['User', 'Role', 'Groups', 'Last sign-in', 'Signed in', 'Tokens', hidden('Change')]
    return card('', 'accounts', h('span.row', icon('user', 'm'), 'Accounts'), [space(),
      button({ key: 'add', class: 'primary', reason: this.rests, press: () => this.show(new AddPersonDialog(this)) },
        icon('plus'), 'Add person')],
      table('.plainrows.records', titles, this.people.map((person) => this.#person(person))))
  }

  #person({ username, role, groups, lastSignIn, signIns, tokens }) {
    return h('tr', { key: username }, h('td', h('b', username), username === this.app.me.username && h('span.tag', 'You')),
      cell('Role', roleWord(role)), cell('Groups', groups.join(', ') || 'None'),
      cell('Last sign-in', lastSignIn ? dayAndClock(lastSignIn) : 'Never'),
      cell('Signed in', signIns ? plural(signIns, 'browser') : 'No'),
      cell('Tokens', tokens.map(({ name }) => name).join(', ') || 'None'),
      h('td.end', button({
        key: `change ${username}`, class: 'sm', 'aria-label': `Change ${username}`,
        press: () => this.show(new PersonDialog(this, username))
      }, icon('edit'), 'Change')))
  }

  #groups() {
    const add = async ({ target }) => {
      const name = new FormData(target).get('name').trim()
      if (name && await this.act('addGroup', 'Add group', 'POST', '/api/groups', { name })) target.reset()
    }
    return card('', 'groups', h('span.row', icon('group', 'm'), 'Groups'), [space(),
      h('form.row', { on: { submit: add } }, h('label.sr', { for: 'new-group' }, 'New group'),
        h('input.input.sm', { id: 'new-group', name: 'name', placeholder: 'New group', maxlength: '64', ...asTyped }),
        submitter({ key: 'add-group', class: 'sm', busy: this.isBusy('addGroup'), reason: this.rests },
          icon('plus'), 'Add group'))],
      !this.listed && h('p.dim.pad', { key: 'unlisted' },
        'No group is listed yet, so any name makes one. ',
        'The first one you add lists these too; from then on only listed groups are taken.'),
      table('.plainrows.records', ['Group', 'Members', hidden('Remove')], this.groups.map((group) => this.#group(group))))
  }

  #group({ name, members, isListed }) {
    const reason = this.rests ?? (members.length ? 'Take its members out of it first.' : undefined)
    return h('tr', { key: name }, h('td', h('b', name)), cell('Members', members.join(', ') || 'None'),
      h('td.end', isListed && button({
        key: `remove-group-${name}`, class: 'sm', reason, 'aria-label': `Remove group ${name}`,
        press: () => this.act(`remove ${name}`, 'Remove group', 'DELETE', `/api/groups/${encodeURIComponent(name)}`)
      }, 'Remove')))
  }
}
