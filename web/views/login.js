// The sign-in page.
//
// The one page that needs no sign-in. It leads back to where the visitor wanted to go, and never to another site.

import { signIn } from '../api.js'
import { h } from '../dom.js'
import { nextPlace } from '../nextPlace.js'
import { icon, logo, problemNotice } from './parts.js'

export class LoginView {
  #app
  #problem = null
  #isSending = false
  #isShown = false

  constructor(app) { this.#app = app }

  title() { return 'Sign in · GridPilot' }

  render() {
    return h('main', { class: 'login', key: 'login', id: 'main' },
      h('div', { class: 'art', 'aria-hidden': 'true' }, h('img', { src: '/static/login-art.svg', alt: '' }),
        h('div', { class: 'over' }, h('p', {}, 'Twelve grids overnight.', h('br'), 'One page to watch them.'))),
      h('form', { on: { submit: (event) => this.#submit(event) }, novalidate: true },
        h('div', { class: 'brand large' }, logo(), 'GridPilot'),
        h('div', {}, h('h1', {}, 'Sign in'), h('p', { class: 'dim' }, 'Use your facility account.')),
        this.#problem && problemNotice(this.#problem, 'problem', 'two'),
        h('div', { class: 'field', key: 'username' }, h('label', { for: 'username' }, 'User name'),
          h(
            'input',
            {
              id: 'username', name: 'username', class: 'input', autocomplete: 'username', autocapitalize: 'none',
              spellcheck: 'false', autofocus: true
            }
          )),
        h('div', { class: 'field', key: 'password' }, h('label', { for: 'password' }, 'Password'), h('div', { class: 'reveal' },
          h('input', {
            id: 'password', name: 'password', type: this.#isShown ? 'text' : 'password', class: 'input',
            autocomplete: 'current-password',
            // Only the password is marked, whatever was wrong: the server does not say which, so that nobody can try out names.
            'aria-invalid': this.#problem ? 'true' : undefined,
          }),
          h('button', {
            // For gloves, dark rooms and foreign keyboards. It says whether it is pressed, since a shown password should not
            // stay so unseen.
            type: 'button', class: 'btn ghost icon', 'aria-label': 'Show password', 'aria-pressed': this.#isShown,
            on: { click: () => { this.#isShown = !this.#isShown; this.#app.invalidate() } },
          }, icon('eye')))),
        h(
          'button', { type: 'submit', class: 'btn primary', 'aria-busy': this.#isSending ? 'true' : undefined },
          this.#isSending ? 'Signing in…' : 'Sign in'
        ),
        h('p', { class: 'lbl' }, 'Trouble signing in? Ask facility staff to reset your account.')))
  }

  async #submit(event) {
    event.preventDefault()
    if (this.#isSending) return
    // Read from the form and not kept by the page: a password has no business in anything that lives longer than the press.
    const form = new FormData(event.target)
    this.#isSending = true
    this.#app.invalidate()
    try {
      await signIn(form.get('username').trim(), form.get('password'))
      // The cookie is there, and now the page learns who has signed in.
      if (await this.#app.signIn()) this.#app.go(nextPlace(location))
    } catch (problem) {
      this.#problem = problem
      // Most often it is the password that was wrong.
      document.getElementById('password').focus()
    }
    this.#isSending = false
    this.#app.invalidate()
  }
}
