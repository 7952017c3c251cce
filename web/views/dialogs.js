// Dialogs that any page may show.

import { h } from '../dom.js'
import { button, icon } from './parts.js'

// `cancel` is what the browser makes of Esc. Left alone it would close the element behind the app's back, and the next
// painting, within a second, would open it again.
function dialog(app, title, shape, body) {
  return h('dialog',
    { key: title, 'aria-labelledby': 'dialog-title', on: { cancel: (event) => { event.preventDefault(); app.closeDialog() } } },
    h('div', { class: 'dialog-in' }, h('header', {}, icon(shape, 'plain'), h('h2', { id: 'dialog-title' }, title)),
      h('div', { class: 'body' }, body),
      h('footer', {}, button({ key: 'close', 'data-cancel': true, press: () => app.closeDialog() }, 'Close'))))
}

// Whatever a key can do can be done by mouse and by touch too: this is the list of shortcuts, not of features.
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
    // A key is easily pressed in the wrong window, and the specimen would pay for it. So this is a promise, held by `app.js`.
    h('p', {}, 'No key starts, stops, skips or answers.')]),
})

/** Copies a text. On plain HTTP there is no clipboard: the text is then shown selected. */
export async function copyText(app, text, what) {
  try {
    await navigator.clipboard.writeText(text)
    // Nothing hangs on this notice, so unlike all others it goes by itself. Those who listen are told apart, since it may go
    // too soon.
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
    // `show` has painted already, so the text is there to be selected.
    document.querySelector('dialog textarea')?.select()
  }
}
