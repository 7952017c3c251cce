// What was chosen on this computer, or typed in this window. Where storage is forbidden it lasts as long as the page.

// Null for what is not there.
function tried(act) {
  try {
    return act()
  } catch {
    return null
  }
}

export const recall = (name) => tried(() => localStorage.getItem(name))
export const remember = (name, value) => tried(() => localStorage.setItem(name, value))

// Of a window alone, and gone with it.
export const recallHere = (name) => tried(() => JSON.parse(sessionStorage.getItem(name)))
export const rememberHere = (name, value) => tried(() => sessionStorage.setItem(name, JSON.stringify(value)))
