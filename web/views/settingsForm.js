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

/** `host`: `text(name)`, `set(name, text)`, `said(name)`: its problem, its news, and why it is `kept`. */
export function goals(host) {
  const { kept, news } = host.said('mode')
  return [h('div.seg.tall', { role: 'radiogroup', 'aria-label': 'Goal', 'aria-describedby': 'goal-help' },
    [['screening', 'Screening'], ['dataCollection', 'Data collection']].map(([value, words]) => h('button', {
      type: 'button', role: 'radio', key: value, 'aria-checked': host.text('mode') === value,
      'aria-disabled': kept ? 'true' : undefined, on: { click: () => { if (!kept) host.set('mode', value) } },
    }, words))), h('span.small', { id: 'goal-help' }, kept, news)]
}

/** `host` as of `goals`. */
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
