export class BrowserView { constructor(app) { this.app = app } title() { return 'Sessions' } render() { return null } }
