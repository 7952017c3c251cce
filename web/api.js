import { at } from './base.js'

// Calls of the server. A refusal is a Problem: what happened in a sentence, what to do in another.
//
// Only this file knows HTTP. Whoever calls it gets the answer as a value or throws a Problem, never a status or a broken text, and
// shows the sentences as they are: the server writes them for operators, with the names that they know.

/**
 * What the server, or the way to it, answered instead of what was asked for: RFC 9457 in words of our own.
 *
 * `code` is for programs (`queue.changed`), `sentence` and `remedy` are shown as they are, `status` is HTTP's, 0 where there was
 * no answer at all. `details` has whatever else came along: a form's `problems`, field by field, for instance.
 * `isLost` means that nobody can tell whether the server acted. Such a call must not be called refused.
 */
export class Problem extends Error {
  constructor({ code, sentence, remedy, status, isLost = false, ...details }) {
    super(sentence)
    Object.assign(this, { code, sentence, remedy, status, isLost, details })
  }
}

const unreachable = {
  code: 'server.unreachable', status: 0, sentence: 'The server did not answer.', remedy: 'Check the network and try again.',
  isLost: true,
}

// A proxy says these in the server's place, perhaps after it has passed the request on.
const fromAProxy = new Set([502, 503, 504])

// No deadline of its own: a server that waits for a disk answers late, and a cut is noticed by the socket within seconds anyway.
async function call(method, path, body, headers = {}) {
  const options = { method, headers: { Accept: 'application/json', ...headers }, credentials: 'same-origin' }
  if (body !== undefined) {
    options.body = JSON.stringify(body)
    options.headers['Content-Type'] = 'application/json'
  }
  let response
  try {
    response = await fetch(at(path), options)
  } catch {
    throw new Problem(unreachable)
  }
  const answer = await readJSON(response)
  if (response.ok) return answer
  throw new Problem(answer?.sentence ? { ...answer, status: response.status } : {
    code: 'server.unexpected', status: response.status, sentence: `The server answered with status ${response.status}.`,
    remedy: 'Try again. If it happens again, ask facility staff.', isLost: fromAProxy.has(response.status),
  })
}

/** Null for an empty answer or one that is not JSON: a proxy's own page, for instance. */
async function readJSON(response) {
  let text
  try {
    text = await response.text()
  } catch {
    // The link broke in the middle: the status alone says nothing about which command was taken.
    throw new Problem(unreachable)
  }
  try {
    return text ? JSON.parse(text) : null
  } catch {
    return null
  }
}

export const get = (path) => call('GET', path)

/**
 * Sends a command and gives its answer, usually `{command}`: accepted, not done. That it was done comes as an event.
 *
 * The server does what comes under one key once, and answers whatever else comes under it within a day as it answered the first.
 * So whoever sends again because an answer was lost gives the key of the first sending, and whoever wants it done again does not.
 */
export const send = (method, path, body = {}, key = freshKey()) => call(method, path, body, { 'Idempotency-Key': key })

/** 128 random bits. `crypto.randomUUID` would be shorter, but browsers hide it from pages on plain HTTP. */
export function freshKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

// Lists come in pages so that no answer grows with the years. Here are only lists that a form needs whole.
/** Every item of a list that comes in pages. */
export async function list(path) {
  const items = []
  let after = null
  do {
    const page = await get(after ? `${path}${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(after)}` : path)
    items.push(...page.items)
    after = page.next
  } while (after)
  return items
}

// Neither has an idempotency key: to sign in or out twice harms nobody.
export const signIn = (username, password) => call('POST', '/api/login', { username, password })
export const signOut = () => call('POST', '/api/logout', {})
export const session = (id) => `/api/sessions/${encodeURIComponent(id)}`
/** The picture of an image, at most `size` pixels wide: the server scales it, since an atlas is far larger than any screen. */
export const image = (id, size, kind) => `/api/targets/${encodeURIComponent(id)}/image.png?size=${size}${kind ? `&kind=${kind}` : ''}`
