// SESSION.g6 is a grid, SESSION.g6.s57 a square, SESSION.g6.s57.h90 a hole, SESSION.g6.s57.h90.m2 an exposure.

const lastPart = (id) => id.slice(id.lastIndexOf('.') + 1)

/** Null when the last part is of another kind. */
export function numberOf(id, letter) {
  const part = lastPart(id)
  return part[0] === letter && /^[+-]?\d+$/.test(part.slice(1)) ? Number(part.slice(1)) : null
}

const parentOf = (id) => (id.includes('.') ? id.slice(0, id.lastIndexOf('.')) : '')
export const isHole = (target) => numberOf(target, 'h') !== null
export const squareOf = (target) => (isHole(target) ? parentOf(target) : target)
export const gridOfTarget = (target) => parentOf(squareOf(target))
export const holeOf = parentOf
export const gridOfMicrograph = (micrograph) => gridOfTarget(holeOf(micrograph))

/** `6 lysozyme`: its position, its name. */
export const gridName = ({ slot, name }) => `${slot} ${name}`
export const targetName = (target) => (isHole(target) ? `Hole ${numberOf(target, 'h')}` : `Square ${numberOf(target, 's')}`)
/** `hole 90`, within a sentence. */
export const spoken = (target) => targetName(target).toLowerCase()
/** `90-4`: the fourth exposure of hole 90. */
export const micrographName = (id) => `${numberOf(holeOf(id), 'h')}-${numberOf(id, 'm')}`
