// The audit log's records in words. Unknown acts keep the server's names: a newer server must not show an empty row.

import { capitalised, inWords } from '../format.js'
import { microscopeName } from './status.js'

// Named as the server names them.
const plain = `start stop answer pauseBetweenGrids changeSettings addGrid changeGrid orderGrids noteGrid rateImage editQueue
  abortGrid leaveOutGrid takeUpGrid createSession forceStart signIn signOut addPerson removePerson setPassword unlock revokeToken
  addGroup removeGroup joinGroup leaveGroup keepEquipment removeEquipment`.split(/\s+/)

const acts = {
  ...Object.fromEntries(plain.map((act) => [act, inWords(act)])),
  cancelStop: 'Take back stop', setPlan: 'Change plan', archive: 'Archive session', forceKill: 'Force-kill',
  removeLock: 'Remove scope lock', setRole: 'Change role', rehashPassword: 'Strengthen password hash', addToken: 'Make token',
  backup: 'Back up', restore: 'Restore backup', auditBroken: 'Records are missing', auditLost: 'Records were lost',
}

export const choices = Object.entries(acts).sort(([, left], [, right]) => left.localeCompare(right))

export const actWord = (act) => acts[act] ?? act

const outcomes = {
  taken: { kind: 'ok', icon: 'check', word: 'Accepted' }, refused: { kind: 'err', icon: 'x', word: 'Refused' },
  asked: { kind: '', icon: 'clock', word: 'Asked' },
}

export const outcomeOf = ({ outcome }) => outcomes[outcome] ?? { kind: '', icon: 'info', word: outcome }

export function subjectOf({ subject }, facility) {
  const [, kind, id] = subject.match(/^(\w+)\/(.*)$/) ?? []
  if (!kind) return { word: subject || 'The facility' }
  if (kind === 'session') {
    const name = facility?.sessions.find((session) => session.id === id)?.name
    return { word: name ?? `Session ${id}`, href: `/sessions/${encodeURIComponent(id)}/run` }
  }
  if (kind === 'microscope') return { word: microscopeName(facility, id) }
  return { word: id }
}

/** The reason first. The command's id only helps programs. */
export function detailOf({ code, detail }) {
  const { reason, command, times, ...rest } = detail
  const words = Object.entries(rest).map(([name, value]) => `${capitalised(name)}: ${valueWords(value)}`)
  return [
    reason && `Reason: ${reason}`, ...words, times > 1 && `${times} times within a minute`, code && `Refused as ${code}`
  ].filter(Boolean)
}

function valueWords(value) {
  if (Array.isArray(value)) return value.map(valueWords).join(', ') || 'none'
  if (value === true) return 'yes'
  if (value === false) return 'no'
  return value === null ? 'none' : typeof value === 'object' ? JSON.stringify(value) : String(value)
}
