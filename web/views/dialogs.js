// Dialogs that any page may show.

import { h } from '../dom.js'
import { button, icon } from './parts.js'

function dialog(app, title, shape, body) {
  return h('dialog',
    { key: title, 'aria-labelledby': 'dialog-title', on: { cancel: (event) => { event.preventDefault(); app.closeDialog() } } },
    h('div', { class: 'dialog-in' }, h('header', {}, icon(shape, 'plain'), h('h2', { id: 'dialog-title' }, title)),
      h('div', { class: 'body' }, body),
      h('footer', {}, button({ key: 'close', 'data-cancel': true, press: () => app.closeDialog() }, 'Close'))))
}

const keys = [
  ['/', 'Go to the filter of the nearest log'], ['End', 'Follow the logs again'], ['?', 'This list'],
  ['Space', 'On a queue grip: lift and drop. On a map: select'],
  ['↑ ↓', 'Move a lifted row'], ['← ↑ → ↓', 'On a map: go to the nearest target'], ['Enter', 'On a map: open the target'],
  ['Esc', 'Cancel, clear the selection'],
]

export const keyHelp = (app) => ({
  render: () => dialog(app, 'Keys', 'info', [
    h(
      'dl', { class: 'keys' },
      keys.flatMap(([key, text]) => [h('dt', { key: `k ${key}` }, h('kbd', {}, key)), h('dd', { key: `d ${key}` }, text)])
    ),
    h('p', {}, 'No key starts, stops, skips or answers.')]),
})

/** Copies a text. On plain HTTP there is no clipboard: the text is then shown selected. */
export async function copyText(app, text, what) {
  try {
    await navigator.clipboard.writeText(text)
    app.announce(`${what} copied.`)
    app.notify({ id: 'copied', kind: 'ok', icon: 'check', sentence: `${what} copied.` })
    setTimeout(() => app.forget('copied'), 4000)
  } catch {
    app.show({
      render: () => dialog(
        app, `Copy ${what}`, 'copy',
        [
          h('p', {}, 'Press Ctrl C, or on a Mac ⌘ C.'),
          h('textarea', { class: 'input mono copy', readonly: true, rows: 12, 'aria-label': what, value: text })
        ]
      ),
    })
    document.querySelector('dialog textarea')?.select()
  }
}
