// What staff may do to an account, and the form for a new one. The server tells a token once.

import { dayAndClock } from '../format.js'
import { dialog } from './dialogs.js'
import { personPath } from '../api.js'
import { asTyped, button, field, focusOn, h, icon, notice, select, submitter } from './parts.js'

const roles = [
  ['member', 'Member', 'controls the sessions of their groups'], ['viewer', 'Viewer', 'watches all sessions'],
  ['staff', 'Staff', 'may do everything']
]

/** A newer server's role stays as it is. */
export const roleWord = (role) => roles.find(([name]) => name === role)?.[1] ?? role

class Dialog {
  constructor(view) {
    this.view = view
    this.app = view.app
  }

  closed() { this.view.refusal = null }

  frame(title, body, ...actions) {
    const { app, view } = this
    return dialog(app, { title, icon: 'user', style: 'wide' }, [view.outdated(), view.refused(), body], ...actions)
  }
}

const nameInput = (id, name) => h('input.input', { id, name, required: true, maxlength: '64', ...asTyped })

const newPassword = (id) => field(id, 'Password', h('input.input', {
  id, name: 'password', type: 'password', autocomplete: 'new-password', minlength: '8', maxlength: '200', required: true,
  'aria-describedby': `${id}-help`
}), '8 to 200 characters, and none that anybody would guess.')

const roleChoice = (id, value, change) =>
  select('', roles.map(([name, word, what]) => [name, `${word}: ${what}`]), change, { id, name: 'role', value })

export class AddPersonDialog extends Dialog {
  #role = 'member'

  render() {
    const { view } = this
    const names = view.groups.map(({ name }) => name)
    return this.frame('Add person',
      h('form.stack', { id: 'add-person', on: { submit: (event) => this.#send(event) } },
        field('new-name', 'User name', nameInput('new-name', 'username')),
        newPassword('new-password'),
        field('new-role', 'Role', roleChoice('new-role', this.#role, (role) => { this.#role = role })),
        names.length > 0 && h('fieldset.field', { key: 'groups' }, h('legend.lab', 'Groups'),
          names.map((name) => h('label.tick', { key: name }, h('input', { type: 'checkbox', name: 'groups', value: name }),
            name)))),
      submitter({ form: 'add-person', class: 'primary', key: 'add', busy: view.isBusy('add'), reason: view.rests }, 'Add person'))
  }

  async #send({ target }) {
    const form = new FormData(target)
    const person = {
      username: form.get('username').trim(), password: form.get('password'), role: form.get('role'), groups: form.getAll('groups')
    }
    if (await this.view.act('add', 'Add person', 'POST', '/api/people', person)) this.app.closeDialog()
  }
}

export class PersonDialog extends Dialog {
  #isSure = false
  // Chosen and not yet sent; null: what the account has.
  #chosen = null
  #token = null

  constructor(view, username) {
    super(view)
    this.username = username
  }

  get #path() { return personPath(this.username) }

  render() {
    const person = this.view.people.find(({ username }) => username === this.username)
    if (!person) return this.frame(this.username, [this.#made(), h('p', 'There is no such account any more.')])
    return this.frame(this.username, [
      this.#role(person), this.#groups(person), this.#tokens(person), this.#password(), this.#unlock(), this.#remove()
    ])
  }

  #do(key, words, method, path, body) { return this.view.act(key, words, method, `${this.#path}${path}`, body) }

  #act(key, words, method, path, label, attributes) {
    return this.#button({
      key, busy: this.view.isBusy(key), press: () => this.#do(key, words, method, path), ...attributes
    }, label)
  }

  #button(attributes, ...children) { return button({ reason: this.view.rests, ...attributes }, ...children) }

  // `sent(form)` gives a place in the account's address, and what goes there.
  #line(key, label, content, method, sent, done) {
    const submit = async ({ target }) => {
      const answer = await this.#do(key, label, method, ...sent(new FormData(target)))
      done?.(answer)
      if (answer) target.reset()
    }
    return h('form.line', { key, on: { submit } }, content,
      submitter({ key: `send-${key}`, busy: this.view.isBusy(key), reason: this.view.rests }, label))
  }

  // What an account has, with the button that takes it away.
  #thing(name, more, key, words, path, label, spoken) {
    return h('li', { key: name }, h('span', name, more),
      this.#act(key, words, 'DELETE', path, label, { class: 'sm', 'aria-label': spoken }))
  }

  #role({ role }) {
    const choice = roleChoice('role', this.#chosen ?? role, (chosen) => { this.#chosen = chosen })
    return this.#line('role', 'Change role', field('role', 'Role', choice, `Now: ${roleWord(role)}. A change counts at once.`),
      'PUT', (form) => ['/role', { role: form.get('role') }], () => { this.#chosen = null })
  }

  #groups({ groups }) {
    const others = this.view.listed?.filter((name) => !groups.includes(name))
    const path = (name) => `/groups/${encodeURIComponent(name)}`
    const input = others
      ? select('', others.map((name) => [name, name]), () => {}, { id: 'join', name: 'group' })
      : nameInput('join', 'group')
    return h('section.stack', { key: 'groups' }, h('h3', 'Groups'),
      groups.length ? h('ul.things', groups.map((name) => this.#thing(name, null,
        `leave ${name}`, 'Take out of the group', path(name), 'Take out', `Take out of ${name}`))) : h('p', 'In no group.'),
      others?.length !== 0 && this.#line('join', 'Add to group', field('join', 'Add to group', input), 'PUT',
        (form) => [path(form.get('group').trim())]))
  }

  #tokens({ tokens }) {
    return h('section.stack', { key: 'tokens' }, h('h3', 'API tokens'), this.#made(),
      tokens.length > 0 && h('ul.things', { key: 'list' }, tokens.map(({ name, createdAt }) => this.#thing(name,
        h('small.dim', ` made ${dayAndClock(createdAt)}`),
        `revoke ${name}`, 'Revoke token', `/tokens/${encodeURIComponent(name)}`, 'Revoke', `Revoke ${name}`))),
      this.#line('token', 'Make token', field('token', 'New token’s name', nameInput('token', 'name')), 'POST',
        (form) => ['/tokens', { name: form.get('name').trim() }], (answer) => { this.#token = answer ?? this.#token }))
  }

  // Whatever else can be shown: the server has told it once.
  #made() {
    if (!this.#token) return null
    const { name, token } = this.#token
    return notice({ kind: 'ok', key: 'made' }, `Token ${name} is made.`, ['Copy it now: it is not shown again.',
      h('textarea.input.mono.copy', {
        readonly: true, rows: '2', 'aria-label': `Token ${name}`, value: token, on: { focus: (event) => event.target.select() }
      })])
  }

  #password() {
    return this.#line('password', 'Set password',
      [h('input', { type: 'text', name: 'username', value: this.username, autocomplete: 'username', hidden: true }),
        newPassword('other-password')], 'PUT', (form) => ['/password', { password: form.get('password') }])
  }

  #unlock() {
    return h('div.line', { key: 'unlock' }, h('p', 'After five wrong passwords somebody waits five minutes.'),
      this.#act('unlock', 'Unlock', 'POST', '/unlock', [icon('unlock'), 'Let them try again']))
  }

  // Asked twice, since it cannot be taken back.
  #remove() {
    const set = (isSure) => { this.#isSure = isSure; this.app.paint() }
    if (!this.#isSure) return h('div.line', { key: 'remove' }, h('p', 'Ends their sign-ins and tokens.'),
      button({ key: 'remove', class: 'danger-o', press: () => { set(true); focusOn('keep-person') } }, 'Remove person'))
    return notice({ kind: 'warn', key: 'sure' }, `Remove ${this.username}?`, ['What they did stays in the audit log.',
      h('div.row.wrap', button({ id: 'keep-person', key: 'keep', press: () => set(false) }, 'Keep'),
        this.#button({
          key: 'really', class: 'danger', busy: this.view.isBusy('remove'),
          press: async () => { if (await this.#do('remove', 'Remove person', 'DELETE', '')) this.app.closeDialog() }
        }, 'Remove'))])
  }
}
