// Sets `data-theme` to what was chosen here, else the system's. A classic script: modules run after the first paint, and a page
// opened in a dim room must not flash white.
(() => {
  const systemIsDark = matchMedia('(prefers-color-scheme: dark)')

  function chosen(name) {
    try {
      return localStorage.getItem(name)
    } catch {
      return null // Storage may be forbidden: the system's theme then holds, and type has its usual size.
    }
  }

  const { dataset } = document.documentElement

  function apply() {
    const theme = chosen('gp-theme')
    dataset.theme = ['light', 'dark'].includes(theme) ? theme : systemIsDark.matches ? 'dark' : 'light'
  }

  apply()
  dataset.type = chosen('gp-type') ?? ''
  // Some systems turn dark by the hour, while a page stays open for nights.
  systemIsDark.addEventListener('change', apply)
})()
