import { at } from './base.js'

// Describes nodes with `h` and patches them in place, so that focus, scroll and selection survive every change. Nothing here
// parses HTML: any text stays text.

const SVG = 'http://www.w3.org/2000/svg'
// As attributes these set only what a field begins with.
const asProperty = new Set(['value', 'checked', 'selected', 'inert'])

/**
 * A tag with its fixed classes (`span.dim.small`), properties if any, and children. Special properties: `key`, `on` (listeners by
 * event), `style` (an object), `mount` (a node kept as it is).
 */
export function h(name, props, ...children) {
  const hasProps = props && typeof props === 'object' && !Array.isArray(props) && !props.children
  const [tag, ...classes] = name.split('.')
  const all = hasProps ? { ...props } : {}
  if (classes.length) all.class = [...classes, all.class].filter(Boolean).join(' ')
  return { tag, props: all, key: all.key, children: flatten(hasProps ? children : [props, ...children], []) }
}

export function render(parent, ...children) {
  const next = flatten(children, [])
  const active = document.activeElement
  patchChildren(parent, parent.described ?? [], next, parent.namespaceURI === SVG)
  parent.described = next
  // A node that moves loses its focus.
  if (active !== document.activeElement && active?.isConnected && active !== document.body) active.focus({ preventScroll: true })
}

function flatten(children, into) {
  for (const child of children) {
    if (child == null || child === false || child === true) continue
    if (Array.isArray(child)) flatten(child, into)
    else into.push(typeof child === 'object' ? child : { text: String(child) })
  }
  return into
}

const kindOf = (node) => (node.text !== undefined ? '#text' : node.tag)

// Pairs old and new children by key, else in order among those of the same tag. Rows that move or vanish need keys, or focus and
// typed text go to the wrong one.
function patchChildren(parent, old, next, inSVG) {
  const keyed = new Map()
  const loose = new Map()
  for (const node of old) {
    if (node.key != null) keyed.set(node.key, node)
    else loose.set(kindOf(node), [...(loose.get(kindOf(node)) ?? []), node])
  }
  for (const node of next) {
    const match = node.key != null ? take(keyed, node) : loose.get(kindOf(node))?.shift()
    if (match) reuse(match, node, inSVG)
    else create(node, inSVG)
  }
  for (const node of keyed.values()) node.element.remove()
  for (const nodes of loose.values()) for (const node of nodes) node.element.remove()
  place(parent, next)
}

// Another mounted node under the same key is another element.
function take(keyed, node) {
  const match = keyed.get(node.key)
  if (!match || kindOf(match) !== kindOf(node) || match.props?.mount !== node.props?.mount) return undefined
  keyed.delete(node.key)
  return match
}

// A moved element loses focus, scroll and the pointer that is pressed on it.
function place(parent, nodes) {
  let cursor = parent.firstChild
  for (const { element } of nodes) {
    if (element === cursor) cursor = cursor.nextSibling
    else parent.insertBefore(element, cursor)
  }
}

function create(node, inSVG) {
  if (node.text !== undefined) {
    node.element = document.createTextNode(node.text)
    return
  }
  if (node.props.mount) {
    node.element = node.props.mount
    return
  }
  const svg = inSVG || node.tag === 'svg'
  node.element = svg ? document.createElementNS(SVG, node.tag) : document.createElement(node.tag)
  patchChildren(node.element, [], node.children, svg && node.tag !== 'foreignObject')
  setAll(node.element, {}, node.props)
}

function reuse(old, node, inSVG) {
  // Described before (`memo.js`), and nothing of it has changed.
  if (old === node) return
  node.element = old.element
  if (node.text !== undefined) {
    if (old.text !== node.text) node.element.data = node.text
    return
  }
  if (node.props.mount) return
  patchChildren(node.element, old.children, node.children, inSVG || node.tag === 'svg')
  setAll(node.element, old.props, node.props)
}

function setAll(element, old, props) {
  for (const name of Object.keys(old)) if (!(name in props)) set(element, name, undefined, old[name])
  for (const [name, value] of Object.entries(props)) set(element, name, value, old[name])
}

function set(element, name, value, old) {
  if (name === 'key' || name === 'mount') return
  if (name === 'on') return listen(element, value ?? {})
  if (name === 'style') return restyle(element, value ?? {}, old ?? {})
  if (asProperty.has(name)) {
    if (element[name] !== value) element[name] = value ?? ''
    return
  }
  if (value === old) return
  // For `aria-*` false is a value: not pressed.
  if (value == null || (value === false && !name.startsWith('aria-'))) element.removeAttribute(name)
  else if (name === 'href' || name === 'src') element.setAttribute(name, at(value))
  else element.setAttribute(name, value === true && !name.startsWith('aria-') ? '' : String(value))
}

let repaint = () => {}

/** `act` is called after each press, text and key heard here, and again once what it began has ended: no listener asks for it. */
export const afterEach = (act) => { repaint = act }

function hear(element, type, event) {
  // No form here is sent by the browser itself.
  if (type === 'submit') event.preventDefault()
  const work = element.handlers[type]?.(event)
  // A pointer moves and a wheel turns too often: their listeners ask for themselves.
  if (type === 'pointermove' || type === 'wheel') return
  repaint()
  work?.finally?.(repaint)
}

function listen(element, handlers) {
  const known = element.handlers ?? {}
  for (const type of Object.keys(handlers)) {
    if (!(type in known)) element.addEventListener(type, (event) => hear(element, type, event))
  }
  // A type once heard stays known, so that its listener is never added twice.
  element.handlers = { ...Object.fromEntries(Object.keys(known).map((type) => [type, null])), ...handlers }
}

// The page's policy allows no style attribute.
function restyle(element, style, old) {
  for (const name of Object.keys(old)) if (!(name in style)) element.style.removeProperty(name)
  for (const [name, value] of Object.entries(style)) if (old[name] !== value) element.style.setProperty(name, value)
}
