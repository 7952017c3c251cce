// An opt-in sound for a prompt, repeated every five minutes while it is unanswered: on plain HTTP there are no system notifications.

// A room may be empty for a while, and a run that asks does nothing meanwhile. Often enough to be heard by whoever comes back,
// rare enough to work beside.
const every = 5 * 60_000

export class Chime {
  #timer = 0
  // Made at the first ring and not with the page: browsers give no sound to a page in which nobody has pressed anything. After
  // a reload most of them keep the chime silent until somebody does; the tab's icon and title do not depend on it.
  #context = null
  isOn = stored()

  /** Switching it on rings once: the press is what lets the browser sound, and the operator hears whether the volume is up. */
  toggle() {
    this.isOn = !this.isOn
    try {
      localStorage.setItem('gp-chime', this.isOn ? 'on' : 'off')
    } catch {
      // Storage may be forbidden: the choice then lasts as long as the page.
    }
    if (this.isOn) this.#ring()
  }

  /** Told each second whether a prompt waits, so it has to see by itself when that begins. */
  asks(isAsking) {
    if (isAsking && !this.#timer) {
      if (this.isOn) this.#ring()
      // Goes on while the chime is off, so that one switched on in the middle of a wait is heard at the next turn.
      this.#timer = setInterval(() => { if (this.isOn) this.#ring() }, every)
    } else if (!isAsking && this.#timer) {
      clearInterval(this.#timer)
      this.#timer = 0
    }
  }

  #ring() {
    this.#context ??= new AudioContext()
    const start = this.#context.currentTime
    // Two rising tones, computed here: there is no sound file that could be missing.
    for (const [offset, frequency] of [[0, 660], [0.22, 880]]) {
      const tone = this.#context.createOscillator()
      const gain = this.#context.createGain()
      tone.frequency.value = frequency
      gain.gain.setValueAtTime(0.12, start + offset)
      // An exponential ramp may not end at 0, and a tone that is cut off at full volume clicks.
      gain.gain.exponentialRampToValueAtTime(0.001, start + offset + 0.5)
      tone.connect(gain).connect(this.#context.destination)
      tone.start(start + offset)
      tone.stop(start + offset + 0.5)
    }
  }
}

function stored() {
  try {
    return localStorage.getItem('gp-chime') === 'on'
  } catch {
    return false // Storage may be forbidden.
  }
}
