// The theme stands on the root element as `data-theme`, always: what was chosen on this computer, else what the system has.
// A classic script in the head and not a module: it runs before the first paint, so that a page opened in a dim room never
// flashes white. Modules run after it.
(() => {
  const systemIsDark = matchMedia('(prefers-color-scheme: dark)')

  function chosen() {
    try {
      return localStorage.getItem('gp-theme')
    } catch {
      return null // Storage may be forbidden: the system's theme then holds.
    }
  }

  function apply() {
    const theme = chosen()
    const isKnown = theme === 'light' || theme === 'dark'
    document.documentElement.dataset.theme = isKnown ? theme : systemIsDark.matches ? 'dark' : 'light'
  }

  apply()
  try {
    document.documentElement.dataset.type = localStorage.getItem('gp-type') ?? ''
  } catch {
    // The same: type then has its usual size.
  }
  // Some systems turn dark by the hour, while a page stays open for nights.
  systemIsDark.addEventListener('change', apply)
})()
