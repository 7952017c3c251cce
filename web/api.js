import { at } from './base.js'

// Calls of the server, as values or Problems: only this file knows HTTP.

/**
 * An answer that was not what was asked for, after RFC 9457; `status` is 0 where there was none. `sentence` and `remedy` are
 * written for operators. `isLost`: nobody can tell whether the server acted, so it must not be called refused.
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

// No deadline: a server that waits for a disk answers late, and the socket notices a cut.
async function call(method, path, body, headers = {}, signal) {
  const options = { method, headers: { Accept: 'application/json', ...headers }, credentials: 'same-origin', signal }
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

// Null for an empty answer or one that is not JSON, such as a proxy's own page.
async function readJSON(response) {
  let text
  try {
    text = await response.text()
  } catch {
    // The link broke in the middle: the status alone does not say which command was taken.
    throw new Problem(unreachable)
  }
  try {
    return text ? JSON.parse(text) : null
  } catch {
    return null
  }
}

export const get = (path, signal) => call('GET', path, undefined, {}, signal)

/**
 * The answer means accepted, not done. Under one key the server answers as it did first: after a lost answer use the first key
 * again, to have it done once more a new one.
 */
export const send = (method, path, body = {}, key = freshKey()) => call(method, path, body, { 'Idempotency-Key': key })

/** 128 random bits. Browsers hide `crypto.randomUUID` from pages on plain HTTP. */
export const freshKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

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

// Without an idempotency key: to sign in or out twice harms nobody.
export const signIn = (username, password) => call('POST', '/api/login', { username, password })
export const signOut = () => call('POST', '/api/logout', {})
const addressOf = (kind) => (id) => `/api/${kind}/${encodeURIComponent(id)}`
export const sessionPath = addressOf('sessions')
export const gridPath = addressOf('grids')
export const microscopePath = addressOf('microscopes')
export const personPath = addressOf('people')
const target = addressOf('targets')
/** At most `size` pixels wide: an atlas is far larger than any screen. */
export const image = (id, size, kind) =>
  `${target(id)}/image.png?size=${size}${kind ? `&kind=${kind}` : ''}`
/** The pixels as they were recorded; of a micrograph its aligned average. */
export const raw = (id) => `${target(id)}/raw.mrc`
