// Where the pages stand below their host, as the server has written into the document: '' or, behind a proxy, '/gridpilot'. Added
// and removed here; everywhere else addresses begin with '/'.

/** Empty where there is no document, as in tests. */
export const base = globalThis.document?.documentElement?.dataset?.base ?? ''

export const at = (path) => (path.startsWith('/') ? base + path : path)

export const place = () => without(location.pathname)

export const without = (path) => (base && path.startsWith(`${base}/`) ? path.slice(base.length) : path)
