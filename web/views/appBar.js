// The bar above every page: the places, the link, who watches, theme, user.

import { duration } from '../format.js'
import { remember } from '../storage.js'
import { button, h, icon, link, logo, menu, space } from './parts.js'
import { isAlive } from './status.js'

export function appBar(app) {
  const run = runPath(app)
  const place = app.view.place
  // Links, so that each place can be opened in another window.
  const item = (name, href, label) => link(href, { key: name, 'aria-current': place === name ? 'page' : undefined }, label)
  return h('div.appbar', { key: 'appbar' }, link('/', { class: 'brand' }, logo(), 'GridPilot'),
    h('nav', { 'aria-label': 'Main' },
      run && item('run', run, 'Run session'), item('browser', app.view.browserPath?.() ?? '/sessions', 'Session browser'),
      !app.me.viewerOnly && item('new', '/sessions/new', 'New session'),
      app.me.staff && !app.me.viewerOnly && [item('people', '/people', 'People'), item('audit', '/audit', 'Audit')]),
    space(), linkState(app.live), watchers(app), chime(app), largeType(), theme(), user(app))
}

function runPath(app) {
  // Nobody should control what they did not choose.
  if (app.view.session) return `/sessions/${app.view.session}/run`
  const sessions = app.facility?.state?.sessions ?? []
  const chosen = sessions.find(isAlive) ?? sessions[0]
  return chosen && `/sessions/${chosen.id}/run`
}

// `role=status` reads a change out, but not the seconds that count up.
function linkState(live) {
  const words = { live: 'Live', wait: live.lastHeard ? 'Reconnecting…' : 'Connecting…', off: 'Offline' }
  return h('span.link', { 'data-link': live.link, role: 'status' }, words[live.link],
    live.link === 'wait' && live.isStale && h('small', { 'aria-live': 'off' }, ` ${duration(live.silence)}`))
}

// Facility names often end in a number ("operator2"), which tells people apart.
const initials = (name) => {
  const number = name.match(/\d+$/)?.[0]
  return (number ? name[0] + number.slice(-1) : name.slice(0, 2)).toUpperCase()
}

function watchers(app) {
  const people = app.view.watchers ?? []
  if (!people.length) return null
  const names = people.map((name) => (name === app.me.username ? `${name} (you)` : name)).join(', ')
  const label = `${people.length === 1 ? '1 person is' : `${people.length} people are`} watching: ${names}`
  const shown = people.length > 4 ? [...people.slice(0, 3), `+${people.length - 3}`] : people
  return h('span.who', { key: 'watchers', role: 'img', 'aria-label': label, title: label },
    shown.map((name) => h('span', { key: name }, name[0] === '+' ? name : initials(name))))
}

const choice = (label, face, press, attributes) =>
  button({ class: 'ghost icon', 'aria-label': label, title: label, press, ...attributes }, face)

const chime = ({ chime: ours }) =>
  choice('Chime when the run needs you', icon('bell', 'm'), () => ours.toggle(), { 'aria-pressed': ours.isOn })

function choose(name, value) {
  document.documentElement.dataset[name] = value
  remember(`gp-${name}`, value)
}

// For a wall, and for tired eyes in a dark room.
function largeType() {
  const isLarge = document.documentElement.dataset.type === 'large'
  return choice('Large type', h('b', { 'aria-hidden': 'true' }, 'Aa'), () => choose('type', isLarge ? '' : 'large'),
    { 'aria-pressed': isLarge })
}

const theme = () => choice('Switch between light and dark theme', icon('sun', 'm'),
  () => choose('theme', document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'), { title: 'Light or dark' })

function user(app) {
  return menu(app, {
    id: 'user', label: `Account: ${app.me.username}`, class: 'ghost user',
    face: [icon('user', 'm'), h('span.desk-only.row', app.me.username, app.me.staff && h('span.tag', 'Staff'))],
    items: [{ label: 'Sign out', icon: 'out', press: () => app.signOut() }],
  })
}
