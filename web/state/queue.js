// The queue as everyone sees it: the first item that is not skipped comes next.
//
// `version` rises with each change. Whoever edits sends the version that they saw, and is refused when it is no longer the newest:
// two people who move rows at once must not undo each other without knowing.

// The order counts: what is added before an item finds its place after the removed ones are gone, and an item that comes back
// skipped is skipped. An item before which something was to stand may have left meanwhile; the end is then the harmless place.
/** Applied in the order removed and taken, added, skipped, unskipped, order. */
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

/** Items named come in that order; those it leaves out keep theirs, behind. */
function reordered(items, order) {
  const place = new Map()
  order.forEach((id, index) => { if (!place.has(id)) place.set(id, index) })
  const rank = ({ id }) => place.get(id) ?? order.length
  return [...items].sort((left, right) => rank(left) - rank(right))
}
