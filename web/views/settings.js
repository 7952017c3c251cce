// A session's settings as fields: in the form for a new session, and in a dialog over one that exists.

import { EditDialog, opener } from './editDialog.js'
import { asTyped, field, h, oneOf, segments, yes } from './parts.js'
import { allFields, changes, fieldID, fieldProblems, groups, textOf, whyKept } from './sessionFields.js'

/** `said`: its problem and its news. */
export function formField(name, label, control, help, said) {
  const id = fieldID(name)
  return field(id, label, control({ id, 'aria-invalid': yes(said.problem), 'aria-describedby': `${id}-help` }), help, said)
}

/** `host`: `text(name)`, `set(name, text)`, `said(name)`: its problem, its news, and why it is `kept`. */
export function goals(host) {
  const { kept, news } = host.said('mode')
  const choices = oneOf([['screening', 'Screening'], ['dataCollection', 'Data collection']], host.text('mode'),
    (mode) => kept || host.set('mode', mode))
  const ofAll = { class: 'tall', 'aria-describedby': 'goal-help' }
  return [segments('Goal', choices, { 'aria-disabled': yes(kept) }, ofAll), h('span.small', { id: 'goal-help' }, kept, news)]
}

export const settingFields = (host) => h('div.body.cols4', groups.map(([title, fields]) => [
  h('div.sub-h', { key: title }, title),
  fields.map(({ name, label, unit, help }) => {
    const { problem, news, kept } = host.said(name)
    return formField(name, label, (attributes) => h('div.unit',
      h('input.input', {
        // `type=number` drops what it does not understand, and turns at every scroll of the wheel.
        inputmode: 'decimal', value: host.text(name), ...asTyped, readonly: Boolean(kept), ...attributes,
        on: { input: ({ target }) => host.set(name, target.value) },
      }),
      unit && h('span', unit)), kept ?? help, { problem, news })
  })]))

class SettingsDialog extends EditDialog {
  title = 'Settings'
  intro = 'What is changed counts from the next square or hole on.'

  now = (name) => textOf(this.page.state.session.settings, name)
  kept = (name) => whyKept(this.page.state, name)
  look = () => fieldProblems(this.text)

  body() { return [h('div.row.wrap', goals(this)), settingFields(this)] }

  async save() {
    const { app, topic } = this.page
    const settings = changes(this.text, this.now)
    const place = (field) => allFields.find(({ name }) => field === `settings.${name}`)?.name
    if (Object.keys(settings).length) await this.ask('Changing the settings', 'PUT', '/settings', { settings }, place)
    // Somebody may have been quicker: what they have set has to be seen.
    if (this.refusals.size) app.live.refresh(topic)
  }
}

export const settingsButton = opener('settings', 'Settings…', SettingsDialog)
