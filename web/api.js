// Calls of the server. A refusal is a Problem: what happened in a sentence, what to do in another.

export class Problem extends Error {
  constructor({ code, sentence, remedy, status, ...details }) {
    super(sentence)
    Object.assign(this, { code, sentence, remedy, status, details })
  }
}

const unreachable = {
  code: 'server.unreachable', status: 0, sentence: 'The server did not answer.', remedy: 'Check the network and try again.',
}

async function call(method, path, body, headers = {}) {
  const options = { method, headers: { Accept: 'application/json', ...headers }, credentials: 'same-origin' }
  if (body !== undefined) {
    options.body = JSON.stringify(body)
    options.headers['Content-Type'] = 'application/json'
  }
  let response
  try {
    response = await fetch(path, options)
  } catch {
    throw new Problem(unreachable)
  }
  const answer = await readJSON(response)
  if (response.ok) return answer
  throw new Problem(answer?.sentence ? { ...answer, status: response.status } : {
    code: 'server.unexpected', status: response.status, sentence: `The server answered with status ${response.status}.`,
    remedy: 'Try again; if it stays, ask facility staff.',
  })
}

/** Null for an empty answer or one that is not JSON: a proxy's own page, for instance. */
async function readJSON(response) {
  try {
    const text = await response.text()
    return text ? JSON.parse(text) : null
  } catch {
    return null
  }
}

export const get = (path) => call('GET', path)

/** Sends a command once: the key makes a repeated sending harmless. Gives the answer, usually `{command}`. */
export const send = (method, path, body = {}) => call(method, path, body, { 'Idempotency-Key': freshKey() })

/** `crypto.randomUUID` is missing on plain HTTP. */
export function freshKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

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

export const signIn = (username, password) => call('POST', '/api/login', { username, password })
export const signOut = () => call('POST', '/api/logout', {})
export const session = (id) => `/api/sessions/${encodeURIComponent(id)}`
export const image = (id, size, kind) => `/api/targets/${encodeURIComponent(id)}/image.png?size=${size}${kind ? `&kind=${kind}` : ''}`
