// The settings of a session that exists: what is set now, and what can still be changed. The server has the last word.

import { h } from '../dom.js'
import { EditDialog, opener } from './editDialog.js'
import { allFields, changes, fieldProblems, textOf, whyKept } from './sessionFields.js'
import { goals, settingFields } from './settingsForm.js'

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
