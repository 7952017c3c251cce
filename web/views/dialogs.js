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

/** The list of shortcuts, which stands in the document: whatever a key can do can be done by mouse and by touch too. */
export const keyHelp = (app) => {
  const list = document.getElementById('keys').content.cloneNode(true).firstElementChild
  return { render: () => dialog(app, 'Keys', 'info', h('div', { mount: list })) }
}

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
