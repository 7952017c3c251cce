// The bar above every page: the places, the link, who watches, theme, user.
//
// From the link, `facility` and the view's watchers. "Live" stands here only while the server has spoken within 4.5 s.

import { h } from '../dom.js'
import { duration } from '../format.js'
import { icon, link, logo, menu } from './parts.js'
import { isAlive } from './status.js'

export function appBar(app) {
  const run = runPath(app)
  const place = app.view.place
  // Links, so that each place can be opened in another window.
  const item = (name, href, label) => link(href, { key: name, 'aria-current': place === name ? 'page' : undefined }, label)
  return h('div', { class: 'appbar', key: 'appbar' },
    link('/', { class: 'brand' }, logo(), 'GridPilot'),
    h('nav', { 'aria-label': 'Main' },
      run && item('run', run, 'Run session'), item('browser', app.view.browserPath?.() ?? '/sessions', 'Session browser'),
      // Whoever may only watch is offered no form that the server would refuse.
      !app.me.viewerOnly && item('new', '/sessions/new', 'New session'),
      app.me.staff && !app.me.viewerOnly && [item('people', '/people', 'People'), item('audit', '/audit', 'Audit')]),
    h('span', { class: 'grow' }), linkState(app.live), watchers(app), chime(app), largeType(app), theme(app), user(app))
}

/** The run page of what is looked at, else of what runs, else of the newest session. */
function runPath(app) {
  // It stays with the session that is looked at, also when another one runs: nobody should control what they did not choose.
  if (app.view.session) return `/sessions/${app.view.session}/run`
  const sessions = app.facility?.state?.sessions ?? []
  const chosen = sessions.find(isAlive) ?? sessions[0]
  return chosen && `/sessions/${chosen.id}/run`
}

/** "Live" or not, at the same place on every page. `role=status` reads a change out, but not the seconds that count up. */
function linkState(live) {
  const words = { live: 'Live', wait: live.lastHeard ? 'Reconnecting…' : 'Connecting…', off: 'Offline' }
  return h('span', { class: 'link', 'data-link': live.link, role: 'status' }, words[live.link],
    live.link === 'wait' && live.isStale && h('small', { 'aria-live': 'off' }, ` ${duration(live.silence)}`))
}

// Facility names often end in a number ("operator2"), which tells people apart better than their second letter.
const initials = (name) => {
  const number = name.match(/\d+$/)?.[0]
  return (number ? name[0] + number.slice(-1) : name.slice(0, 2)).toUpperCase()
}

function watchers(app) {
  const people = app.view.watchers ?? []
  if (!people.length) return null
  const label = `${people.length === 1 ? '1 person is' : `${people.length} people are`} watching: ${people.map((name) => (name === app.me.username ? `${name} (you)` : name)).join(', ')}`
  const shown = people.length > 4 ? [...people.slice(0, 3), `+${people.length - 3}`] : people
  return h('span', { class: 'who', key: 'watchers', role: 'img', 'aria-label': label, title: label },
    shown.map((name) => h('span', { key: name }, name[0] === '+' ? name : initials(name))))
}

function chime(app) {
  return h('button', {
    type: 'button', class: 'btn ghost icon', 'aria-pressed': app.chime.isOn, 'aria-label': 'Chime when the run needs you',
    title: 'Chime when the run needs you',
    on: { click: () => { app.chime.toggle(); app.invalidate() } },
  }, icon('bell'))
}

/** For a wall, and for tired eyes in a dark room. `theme.js` sets it before the first painting. */
function largeType(app) {
  const { dataset } = document.documentElement
  return h('button', {
    type: 'button', class: 'btn ghost icon', 'aria-pressed': dataset.type === 'large', 'aria-label': 'Large type', title: 'Large type',
    on: { click: () => { dataset.type = dataset.type === 'large' ? '' : 'large'; store('gp-type', dataset.type); app.invalidate() } },
  }, h('b', { 'aria-hidden': 'true' }, 'Aa'))
}

// Storage may be forbidden: a choice then lasts as long as the page.
function store(name, value) {
  try {
    localStorage.setItem(name, value)
  } catch {
    // Nothing else is lost.
  }
}

function theme(app) {
  // Stands on the root element, where `theme.js` has put it before the first painting.
  const turn = () => {
    const root = document.documentElement
    root.dataset.theme = root.dataset.theme === 'dark' ? 'light' : 'dark'
    store('gp-theme', root.dataset.theme)
    app.invalidate()
  }
  return h('button', {
    type: 'button', class: 'btn ghost icon', 'aria-label': 'Switch between light and dark theme', title: 'Light or dark',
    on: { click: turn },
  }, icon('sun'))
}

function user(app) {
  return menu(app, {
    id: 'user', label: `Account: ${app.me.username}`, class: 'ghost user',
    face: [
      icon('user'), h('span', { class: 'desk-only row' }, app.me.username, app.me.staff && h('span', { class: 'tag' }, 'Staff'))
    ],
    items: [{ label: 'Sign out', icon: 'out', press: () => app.signOut() }],
  })
}
