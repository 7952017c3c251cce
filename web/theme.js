// Sets `data-theme` to what was chosen on this computer, else the system's. A classic script: modules run after the first paint,
// and a page opened in a dim room must not flash white.
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
    // Storage may be forbidden: type then has its usual size.
  }
  // Some systems turn dark by the hour, while a page stays open for nights.
  systemIsDark.addEventListener('change', apply)
})()
