// Where the pages stand below their host: '' at its root, '/gridpilot' behind a proxy that gives them a path of their own. The server
// writes it into the document. Everywhere else addresses begin with '/' as if there were none; it comes on here, and goes here.

/** Nothing where there is no document, as in tests. */
export const base = globalThis.document?.documentElement?.dataset?.base ?? ''

/** The address as a browser must be given it. */
export const at = (path) => (path.startsWith('/') ? base + path : path)

/** The path of the page, as routes know it. */
export const place = () => without(location.pathname)

export const without = (path) => (base && path.startsWith(`${base}/`) ? path.slice(base.length) : path)
