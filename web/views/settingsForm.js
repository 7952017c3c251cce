// A session's settings as fields: in the form for a new session, and over one that exists.

import { h } from '../dom.js'
import { icon } from './parts.js'
import { fieldID, groups } from './sessionFields.js'

/** A problem takes the place of the help; `news` stands beside either. */
export function formField(name, label, control, { help, problem, news }) {
  const id = fieldID(name)
  return h('div.field', { key: name }, h('label', { for: id }, label),
    control({ id, 'aria-invalid': problem ? 'true' : undefined, 'aria-describedby': `${id}-help` }),
    h('p', { class: problem ? 'errt' : 'help', id: `${id}-help` }, problem && icon('error', 's'), problem ?? help,
      news && h('b.c-warn', ` ${news}`)))
}

/** `kept`: why it stays as it is. */
export const goals = (chosen, set, kept) => h('div.seg.tall', { role: 'radiogroup', 'aria-label': 'Goal' },
  [['screening', 'Screening'], ['dataCollection', 'Data collection']].map(([value, words]) => h('button', {
    type: 'button', role: 'radio', key: value, 'aria-checked': chosen === value, 'aria-disabled': kept ? 'true' : undefined,
    title: kept, on: { click: () => { if (!kept) set(value) } },
  }, words)))

/** `host`: `text(name)`, `set(name, text)`, `said(name)`: its problem, its news, and why it is `kept`. */
export const settingFields = (host) => h('div.body.cols4', groups.map(([title, fields]) => [
  h('div.sub-h', { key: title }, title),
  fields.map(({ name, label, unit, help }) => {
    const { problem, news, kept } = host.said(name)
    return formField(name, label, (attributes) => h('div.unit',
      h('input.input', {
        // `type=number` drops what it does not understand, and turns at every scroll of the wheel.
        inputmode: 'decimal', value: host.text(name), autocomplete: 'off', readonly: Boolean(kept), ...attributes,
        on: { input: ({ target }) => host.set(name, target.value) },
      }),
      unit && h('span', unit)), { help: kept ?? help, problem, news })
  })]))
