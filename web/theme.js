// Runs before the first paint, so that a page opened in a dim room never flashes white.
(() => {
  let theme = null
  try {
    theme = localStorage.getItem('gp-theme')
  } catch {
    // Storage may be forbidden: the system's theme then holds.
  }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
})()
