// The queue as everyone sees it. Whoever edits sends the `version` that they saw: two people who move rows at once must not undo
// each other unknowingly.

// The order counts: what is added finds its place after removed ones are gone, and what comes back skipped is skipped. What it
// was to stand before may have left; the end is then harmless.
export function foldQueue(queue, data) {
  const gone = new Set([...(data.removed ?? []), ...(data.taken ?? [])])
  const items = queue.items.filter(({ id }) => !gone.has(id))
  const place = data.before ? items.findIndex(({ id }) => id === data.before) : -1
  items.splice(place < 0 ? items.length : place, 0, ...(data.added ?? []))
  const skipped = new Set(data.skipped ?? [])
  const unskipped = new Set(data.unskipped ?? [])
  const marked = items.map((item) => {
    if (unskipped.has(item.id)) return { ...item, skipped: false }
    return skipped.has(item.id) ? { ...item, skipped: true } : item
  })
  return { version: data.version, items: data.order ? reordered(marked, data.order) : marked }
}

// Items named come in that order; those it leaves out stay behind in theirs.
function reordered(items, order) {
  const place = new Map()
  order.forEach((id, index) => { if (!place.has(id)) place.set(id, index) })
  const rank = ({ id }) => place.get(id) ?? order.length
  return [...items].sort((left, right) => rank(left) - rank(right))
}
