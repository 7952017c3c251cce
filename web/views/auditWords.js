// The audit log's records in words. Unknown acts keep the server's names: a newer server must not show an empty row.

import { capitalised } from '../format.js'
import { microscopeName } from './status.js'

const acts = {
  start: 'Start', stop: 'Stop', cancelStop: 'Take back stop', answer: 'Answer', pauseBetweenGrids: 'Pause between grids',
  setPlan: 'Change plan', changeSettings: 'Change settings', archive: 'Archive session', addGrid: 'Add grid', changeGrid: 'Change grid',
  orderGrids: 'Order grids', noteGrid: 'Note grid', rateImage: 'Rate image',
  editQueue: 'Edit queue', abortGrid: 'Abort grid', leaveOutGrid: 'Leave out grid', takeUpGrid: 'Take up grid',
  createSession: 'Create session', forceStart: 'Force start', forceKill: 'Force-kill',
  removeLock: 'Remove scope lock', signIn: 'Sign in', signOut: 'Sign out', addPerson: 'Add person', removePerson: 'Remove person',
  setRole: 'Change role', setPassword: 'Set password', rehashPassword: 'Strengthen password hash', unlock: 'Unlock',
  addToken: 'Make token', revokeToken: 'Revoke token', addGroup: 'Add group', removeGroup: 'Remove group',
  joinGroup: 'Join group',
  leaveGroup: 'Leave group', keepEquipment: 'Keep equipment', removeEquipment: 'Remove equipment', restore: 'Restore backup',
  auditBroken: 'Records are missing', auditLost: 'Records were lost',
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
