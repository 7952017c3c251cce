// What is dear to find, kept while everything that it was found from is the same. Folds never change a list or an item but make
// another, so that looking at which one it is suffices: a painting then costs little, however large the grid.

const kept = new WeakMap()

/** What `make` gave under this `name` for the object `owner`, unless one of `deps` is another now. */
export function memo(owner, name, deps, make) {
  const all = kept.get(owner) ?? new Map()
  const last = all.get(name)
  if (last?.deps.every((dep, index) => dep === deps[index])) return last.value
  const value = make()
  kept.set(owner, all.set(name, { deps, value }))
  return value
}

const none = Object.freeze([])

/** Of a list of holes those of one square, of micrographs those of one hole. */
export const under = (list, parent) => memo(list, 'under', [], () => byParent(list)).get(parent) ?? none

// Those of one parent mostly follow one another, so that an id is rarely taken apart.
function byParent(list) {
  const found = new Map()
  let [parent, items] = ['', []]
  for (const item of list) {
    const dot = item.id.lastIndexOf('.')
    if (dot !== parent.length || !item.id.startsWith(parent)) {
      parent = item.id.slice(0, dot)
      items = found.get(parent) ?? []
      found.set(parent, items)
    }
    items.push(item)
  }
  return found
}
