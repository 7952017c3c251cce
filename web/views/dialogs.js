// Dialogs that any page may show.

import { button, h, icon } from './parts.js'

// `cancel` is the browser's Esc: it would close the element, and the next painting would open it again.
export function dialog(app, { title, icon: shape, size = 'plain', style, key = title }, body, ...actions) {
  const close = () => app.closeDialog()
  return h('dialog', { key, 'aria-labelledby': 'dialog-title', on: { cancel: (event) => { event.preventDefault(); close() } } },
    h('div.dialog-in', h('header', icon(shape, size), h('h2', { id: 'dialog-title' }, title)),
      h('div.body', { class: style }, body),
      // The first button has the focus: Enter on a dialog that has just come up must not kill a run.
      h('footer', button({ key: 'close', 'data-cancel': true, press: close }, actions.length ? 'Cancel' : 'Close'), actions)))
}

/** Whatever a key can do can be done by mouse and touch too. */
export const keyHelp = (app) => {
  const list = document.getElementById('keys').content.cloneNode(true).firstElementChild
  return { render: () => dialog(app, { title: 'Keys', icon: 'info' }, h('div', { mount: list })) }
}

/** On plain HTTP there is no clipboard: the text is then shown selected. */
export async function copyText(app, text, what) {
  try {
    await navigator.clipboard.writeText(text)
    // Goes by itself, since nothing hangs on it; listeners are told apart, as it may go too soon.
    app.announce(`${what} copied.`)
    app.notify({ id: 'copied', kind: 'ok', icon: 'check', sentence: `${what} copied.` })
    setTimeout(() => app.forget('copied'), 4000)
  } catch {
    app.show({
      render: () => dialog(app, { title: `Copy ${what}`, icon: 'copy' }, [
        h('p', 'Press Ctrl C, or on a Mac ⌘ C.'),
        h('textarea.input.mono.copy', { readonly: true, rows: 12, 'aria-label': what, value: text })
      ]),
    })
    document.querySelector('dialog textarea')?.select()
  }
}
