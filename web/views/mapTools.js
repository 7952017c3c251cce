// What surrounds a map: the tools in its head, and its legend.

import { image as pathOf, raw } from '../api.js'
import { recall, remember } from '../storage.js'
import { fitsOf, layersOf, scaleOf } from './layers.js'
import { legend } from './legend.js'
import { taken } from './map.js'
import { h, icon, menu, tool } from './parts.js'

let showsLegend = recall('gp-legend') !== 'hidden'

const factsOf = ({ state }, { image }) => ({ image, fits: fitsOf(state.micrographs) })

/** `shown`: the `image` of what `of` names, and the `targets` on it. Without a `map` nothing can be coloured. */
export function mapTools(report, shown, map) {
  const { app } = report
  const { of, alt, targets } = shown
  const layers = map ? layersOf(targets, factsOf(report, shown)) : []
  return h('span.row.tools', { key: 'tools' }, map && targets.length > 0 && legendButton(alt),
    layers.length > 1 && layerMenu(app, map, layers, alt), downloads(app, of, alt), fullScreen(alt))
}

export function mapBody(report, shown, map) {
  const { image, targets, opened, here } = shown
  const scale = scaleOf(map.layer, targets, factsOf(report, shown))
  const has = (wanted) => Boolean(wanted) && targets.some(({ id }) => id === wanted)
  return [
    map.render({ ...shown, scale, canSelect: report.controls }),
    showsLegend && legend(targets, scale, { selected: map.selected(targets).length, opened: has(opened), here: has(here) }),
    taken(image, report.controls)
  ]
}

function legendButton(alt) {
  const press = () => {
    showsLegend = !showsLegend
    remember('gp-legend', showsLegend ? 'shown' : 'hidden')
  }
  return tool(icon('legend', 'm'), 'Legend', alt, press, { class: 'ghost sm icon', 'aria-pressed': showsLegend })
}

const layerMenu = (app, map, layers, alt) => menu(app, {
  id: `${map.id}-layers`, label: `Colours: ${alt}`, title: 'What the colours show', face: icon('layers', 'm'),
  class: `ghost sm icon ${map.layer === 'status' ? '' : 'on'}`,
  items: layers.map(({ name, title }) => ({ label: title, isOn: map.layer === name, press: () => { map.layer = name } })),
})

/** As they are on the server: nothing is drawn over them. */
export const downloads = (app, id, name) => menu(app, {
  id: `files-${id}`, label: `Download: ${name}`, title: 'Download', face: icon('dl', 'm'),
  items: [
    { label: 'Picture, PNG', href: pathOf(id, 4096), file: `${id}.png` },
    { label: 'As recorded, MRC', href: raw(id), file: `${id}.mrc` },
  ],
})

const fullScreen = (alt) => tool(icon('full', 'm'), 'Full screen', alt, ({ currentTarget }) => {
  if (document.fullscreenElement) document.exitFullscreen()
  else currentTarget.closest('.map').requestFullscreen?.()
}, { class: 'ghost sm icon' })
