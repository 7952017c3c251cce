// The sign-in page. It leads back to where the visitor wanted to go, and never to another site.

import { signIn } from '../api.js'
import { nextPlace } from '../nextPlace.js'
import { asTyped, button, field, h, icon, logo, problemNotice, yes } from './parts.js'

export class LoginView {
  #problem = null
  #isSending = false
  #isShown = false

  constructor(app) { this.app = app }

  title() { return 'Sign in' }

  render() {
    return h('main.login', { key: 'login', id: 'main' },
      h('div.art', { 'aria-hidden': 'true' }, h('img', { src: '/static/login-art.svg', alt: '' }),
        h('div.over', h('p', 'Twelve grids overnight.', h('br'), 'One page to watch them.'))),
      h('form', { on: { submit: this.#submit }, novalidate: true }, h('div.brand.large', logo(), 'GridPilot'),
        h('div', h('h1', 'Sign in'), h('p.dim', 'Use your facility account.')),
        this.#problem && problemNotice(this.#problem, 'problem', 'two'),
        field('username', 'User name', h('input.input', {
          id: 'username', name: 'username', ...asTyped, autocomplete: 'username', autofocus: true
        })),
        field('password', 'Password', h('div.reveal',
          h('input.input', {
            id: 'password', name: 'password', type: this.#isShown ? 'text' : 'password', autocomplete: 'current-password',
            // The server does not say which was wrong, so that nobody can try out names.
            'aria-invalid': yes(this.#problem),
          }),
          button({
            // For gloves, dark rooms and foreign keyboards.
            class: 'ghost icon', 'aria-label': 'Show password', 'aria-pressed': this.#isShown,
            press: () => { this.#isShown = !this.#isShown }
          }, icon('eye', 'm')))),
        h('button.btn.primary', { type: 'submit', 'aria-busy': yes(this.#isSending) },
          this.#isSending ? 'Signing in…' : 'Sign in'),
        h('p.lbl', 'Trouble signing in? Ask facility staff to reset your account.')))
  }

  #submit = async ({ target }) => {
    if (this.#isSending) return
    // Not kept by the page: a password must not outlive the press.
    const form = new FormData(target)
    this.#isSending = true
    try {
      await signIn(form.get('username').trim(), form.get('password'))
      if (await this.app.signIn()) this.app.go(nextPlace(location))
    } catch (problem) {
      this.#problem = problem
      document.getElementById('password').focus()
    }
    this.#isSending = false
  }
}
