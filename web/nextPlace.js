// Where the sign-in leads: only to a path of this site, since a link may bring anything.

export function nextPlace({ search, origin }) {
  const next = new URLSearchParams(search).get('next') ?? '/'
  if (!next.startsWith('/') || !URL.canParse(next, origin)) return '/'
  const target = new URL(next, origin)
  // Two slashes (what is left of `/.//evil`) begin the name of another site.
  const isHere = target.origin === origin && !target.pathname.startsWith('//')
  return isHere && target.pathname !== '/login' ? target.pathname + target.search : '/'
}
