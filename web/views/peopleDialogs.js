// What staff may do to one account, and the form for a new one.
//
// Each act is sent when its own button is pressed, and the dialog stays with what the server then says of the account. A password
// is read from its field when it is sent, and kept nowhere; a token is shown once, as the server tells it once.

import { h } from '../dom.js'
import { dayAndClock } from '../format.js'
import { roles, roleWord } from './peopleWords.js'
import { button, icon } from './parts.js'

class Dialog {
  constructor(view) {
    this.view = view
    this.app = view.app
  }

  closed() { this.view.refusal = null }

  frame(title, shape, body, ...actions) {
    const { app } = this
    return h('dialog',
      { key: title, 'aria-labelledby': 'dialog-title', on: { cancel: (event) => { event.preventDefault(); app.closeDialog() } } },
      h('div', { class: 'dialog-in' }, h('header', {}, icon(shape, 'plain'), h('h2', { id: 'dialog-title' }, title)),
        h('div', { class: 'body wide' }, this.view.outdated(), this.view.refused(), body),
        h('footer', {}, button({ key: 'close', 'data-cancel': true, press: () => app.closeDialog() }, actions.length ? 'Cancel' : 'Close'), actions)))
  }
}

const field = (id, label, input, help) => h('div', { class: 'field', key: id }, h('label', { for: id }, label), input,
  help && h('p', { class: 'help', id: `${id}-help` }, help))

const newPassword = (id) => field(id, 'Password', h('input', {
  id, name: 'password', class: 'input', type: 'password', autocomplete: 'new-password', minlength: '8', maxlength: '200', required: true,
  'aria-describedby': `${id}-help`
}), '8 to 200 characters, and none that anybody would guess.')

const roleChoice = (id, value, change) => h('select', { id, name: 'role', class: 'input', value, on: { change: (event) => change(event.target.value) } },
  roles.map(([name, word, what]) => h('option', { value: name, key: name }, `${word}: ${what}`)))

export class AddPersonDialog extends Dialog {
  #role = 'member'

  render() {
    const { view } = this
    const names = view.groups.map(({ name }) => name)
    return this.frame('Add person', 'user',
      h('form', { id: 'add-person', class: 'stack', on: { submit: (event) => this.#send(event) } },
        field('new-name', 'User name', h('input', {
          id: 'new-name', name: 'username', class: 'input', required: true, maxlength: '64', autocapitalize: 'none', spellcheck: 'false',
          autocomplete: 'off'
        })),
        newPassword('new-password'), field('new-role', 'Role', roleChoice('new-role', this.#role, (role) => { this.#role = role })),
        names.length > 0 && h('fieldset', { class: 'field', key: 'groups' }, h('legend', { class: 'lab' }, 'Groups'),
          names.map((name) => h('label', { class: 'tick', key: name }, h('input', { type: 'checkbox', name: 'groups', value: name }), name)))),
      button({ type: 'submit', form: 'add-person', class: 'primary', key: 'add', busy: view.isBusy('add'), reason: view.rests, press: () => {} }, 'Add person'))
  }

  async #send(event) {
    event.preventDefault()
    const form = new FormData(event.target)
    const person = {
      username: form.get('username').trim(), password: form.get('password'), role: form.get('role'), groups: form.getAll('groups')
    }
    if (await this.view.act('add', 'Add person', 'POST', '/api/people', person)) this.app.closeDialog()
  }
}

export class PersonDialog extends Dialog {
  #isSure = false
  // What is chosen and not yet sent; null: what the account has.
  #chosen = null
  #token = null

  constructor(view, username) {
    super(view)
    this.username = username
  }

  get #path() { return `/api/people/${encodeURIComponent(this.username)}` }

  render() {
    const person = this.view.people.find(({ username }) => username === this.username)
    if (!person) return this.frame(this.username, 'user', [this.#made(), h('p', {}, 'There is no such account any more.')])
    return this.frame(this.username, 'user', [
      this.#role(person), this.#groups(person), this.#tokens(person), this.#password(), this.#unlock(), this.#remove()
    ])
  }

  #do(key, words, method, path, body) { return this.view.act(key, words, method, `${this.#path}${path}`, body) }

  /** One that rests while nothing can be sent, and says why. */
  #button(attributes, ...children) { return button({ reason: this.view.rests, ...attributes }, ...children) }

  /** A form of one line whose button sends it. */
  #line(key, content, label, send) {
    const submit = async (event) => {
      event.preventDefault()
      const { target } = event
      if (await send(new FormData(target))) target.reset()
    }
    return h('form', { class: 'line', key, on: { submit } }, content,
      this.#button({ key: `send-${key}`, type: 'submit', busy: this.view.isBusy(key), press: () => {} }, label))
  }

  #role({ role }) {
    return this.#line('role', field('role', 'Role', roleChoice('role', this.#chosen ?? role, (chosen) => { this.#chosen = chosen }), `Now: ${roleWord(role)}. A change counts at once.`), 'Change role',
      async (form) => {
        await this.#do('role', 'Change role', 'PUT', '/role', { role: form.get('role') })
        this.#chosen = null
      })
  }

  #groups({ groups }) {
    const others = this.view.listed?.filter((name) => !groups.includes(name))
    const path = (name) => `/groups/${encodeURIComponent(name)}`
    const input = others
      ? h('select', { id: 'join', name: 'group', class: 'input' }, others.map((name) => h('option', { value: name, key: name }, name)))
      : h('input', { id: 'join', name: 'group', class: 'input', required: true, maxlength: '64', autocapitalize: 'none', spellcheck: 'false', autocomplete: 'off' })
    return h('section', { class: 'stack', key: 'groups' }, h('h3', {}, 'Groups'),
      groups.length ? h('ul', { class: 'things' }, groups.map((name) => h('li', { key: name }, h('span', {}, name),
        this.#button({
          key: `leave ${name}`, class: 'sm', 'aria-label': `Take out of ${name}`, busy: this.view.isBusy(`leave ${name}`),
          press: () => this.#do(`leave ${name}`, 'Take out of the group', 'DELETE', path(name))
        }, 'Take out')))) : h('p', {}, 'In no group.'),
      others?.length !== 0 && this.#line('join', field('join', 'Add to group', input), 'Add to group',
        (form) => form.get('group') && this.#do('join', 'Add to group', 'PUT', path(form.get('group').trim()))))
  }

  #tokens({ tokens }) {
    const make = async (form) => {
      const answer = await this.#do('token', 'Make token', 'POST', '/tokens', { name: form.get('name').trim() })
      if (answer) this.#token = answer
      this.app.invalidate()
      return answer
    }
    return h('section', { class: 'stack', key: 'tokens' }, h('h3', {}, 'API tokens'), this.#made(),
      tokens.length > 0 && h('ul', { class: 'things', key: 'list' }, tokens.map(({ name, createdAt }) => h('li', { key: name },
        h('span', {}, name, h('small', { class: 'dim' }, ` made ${dayAndClock(createdAt)}`)),
        this.#button({
          key: `revoke ${name}`, class: 'sm', 'aria-label': `Revoke ${name}`, busy: this.view.isBusy(`revoke ${name}`),
          press: () => this.#do(`revoke ${name}`, 'Revoke token', 'DELETE', `/tokens/${encodeURIComponent(name)}`)
        }, 'Revoke')))),
      this.#line('token', field('token', 'New token’s name', h('input', { id: 'token', name: 'name', class: 'input', required: true, maxlength: '64', autocapitalize: 'none', spellcheck: 'false', autocomplete: 'off' })), 'Make token', make))
  }

  /** Shown whatever else can be shown: the server has told it once. */
  #made() {
    if (!this.#token) return null
    const { name, token } = this.#token
    return h('div', { class: 'notice ok', role: 'status', key: 'made' }, icon('check'), h('div', {},
      h('b', {}, `Token ${name} is made.`), ' Copy it now: it is not shown again.',
      h('textarea', { class: 'input mono copy', readonly: true, rows: '2', 'aria-label': `Token ${name}`, value: token, on: { focus: (event) => event.target.select() } })))
  }

  #password() {
    return this.#line('password', [h('input', { type: 'text', name: 'username', value: this.username, autocomplete: 'username', hidden: true }), newPassword('other-password')], 'Set password',
      (form) => this.#do('password', 'Set password', 'PUT', '/password', { password: form.get('password') }))
  }

  #unlock() {
    return h('div', { class: 'line', key: 'unlock' },
      h('p', {}, 'After five wrong passwords somebody waits five minutes.'),
      this.#button({ key: 'unlock', busy: this.view.isBusy('unlock'), press: () => this.#do('unlock', 'Unlock', 'POST', '/unlock') }, icon('unlock', 's'), 'Let them try again'))
  }

  /** Asked twice, since it cannot be taken back. */
  #remove() {
    const set = (isSure) => { this.#isSure = isSure; this.app.paint() }
    if (!this.#isSure) return h('div', { class: 'line', key: 'remove' }, h('p', {}, 'Ends their sign-ins and tokens.'),
      button({ key: 'remove', class: 'danger-o', press: () => { set(true); document.getElementById('keep-person')?.focus() } }, 'Remove person'))
    return h('div', { class: 'notice warn', key: 'sure' }, icon('warn'),
      h('div', {}, h('b', {}, `Remove ${this.username}?`), ' What they did stays in the audit log.',
        h('div', { class: 'row wrap' }, button({ id: 'keep-person', key: 'keep', press: () => set(false) }, 'Keep'),
          this.#button({
            key: 'really', class: 'danger', busy: this.view.isBusy('remove'),
            press: async () => { if (await this.#do('remove', 'Remove person', 'DELETE', '')) this.app.closeDialog() }
          }, 'Remove'))))
  }
}
