export class NewSessionView { constructor(app) { this.app = app } title() { return 'New session' } render() { return null } }
