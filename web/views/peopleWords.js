// What somebody may do, in words.

export const roles = [
  ['member', 'Member', 'controls the sessions of their groups'], ['viewer', 'Viewer', 'watches all sessions'],
  ['staff', 'Staff', 'may do everything']
]

/** A role of a newer server stays as it is. */
export const roleWord = (role) => roles.find(([name]) => name === role)?.[1] ?? role
