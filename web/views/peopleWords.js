
export const roles = [
  ['member', 'Member', 'controls the sessions of their groups'], ['viewer', 'Viewer', 'watches all sessions'],
  ['staff', 'Staff', 'may do everything']
]

/** A newer server's role stays as it is. */
export const roleWord = (role) => roles.find(([name]) => name === role)?.[1] ?? role
