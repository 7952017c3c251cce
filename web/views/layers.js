// What can colour the targets of a map besides their status.

import { decimal, median } from '../format.js'
import { holeOf, squareOf } from '../ids.js'
import { memo } from '../memo.js'

// Viridis: the higher the lighter, for every eye.
const stops = '440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725'.split(' ').map((stop) => `#${stop}`)
export const gradient = `linear-gradient(90deg, ${stops})`

function viridis(fraction) {
  const at = (Math.round(fraction * 45) / 45) * (stops.length - 1)
  const below = Math.min(Math.floor(at), stops.length - 2)
  return `color-mix(in srgb, ${stops[below + 1]} ${Math.round((at - below) * 100)}%, ${stops[below]})`
}

const layers = [
  { name: 'status', title: 'Status' }, { name: 'class', title: 'Class' },
  { name: 'size', title: 'Size', unit: 'µm', digits: 1, of: ({ size }, { image }) => (size * image.pixelSize) / 10_000 },
  { name: 'brightness', title: 'Brightness', unit: '% of the brightest', digits: 0, of: ({ brightness }) => brightness * 100 },
  { name: 'ice', title: 'Ice', unit: 'nm', digits: 0, of: ({ thickness }) => thickness },
  { name: 'fit', title: 'Median CTF fit', unit: 'Å', digits: 1, of: ({ id }, { fits }) => fits.get(id) },
]

// The class is in a target's name already.
const byClass = { name: 'class', colour: (target) => `var(--c-${target.class}, #8c8c8c)`, words: () => null }

/** Those of which some target tells something. `facts`: the map's `image`, and `fits`. */
export const layersOf = (targets, facts) => layers.filter(
  ({ of }) => !of || targets.some((target) => Number.isFinite(of(target, facts))))

/** Median fits in Å by hole and by square. */
export const fitsOf = (micrographs) => memo(micrographs, 'fits', [], () => {
  const all = {}
  for (const { id, measurement } of micrographs) {
    const fit = measurement?.ctf?.fitResolution
    if (fit) for (const target of [holeOf(id), squareOf(holeOf(id))]) (all[target] ??= []).push(fit)
  }
  return new Map(Object.entries(all).map(([target, fits]) => [target, median(fits)]))
})

/** Null for status, and where nothing is known. Without a value a target has neither `colour` nor `words`. */
export function scaleOf(name, targets, facts) {
  if (name === 'status') return null
  if (name === 'class') return byClass
  const { of, ...layer } = layers.find((candidate) => candidate.name === name)
  return memo(targets, name, [facts.image, facts.fits], () => {
    const values = new Map(targets.map((target) => [target.id, of(target, facts)]).filter(([, value]) => Number.isFinite(value)))
    if (!values.size) return null
    const sorted = [...values.values()].sort((left, right) => left - right)
    const [low, high] = [sorted[0], sorted.at(-1)]
    const write = (value) => decimal(value, layer.digits)
    return {
      ...layer, ends: [write(low), write(high)], without: targets.length - values.size,
      colour: ({ id }) => (values.has(id) ? viridis((values.get(id) - low) / (high - low || 1)) : undefined),
      words: ({ id }) => (values.has(id) ? `${layer.title} ${write(values.get(id))} ${layer.unit}` : null),
    }
  })
}
