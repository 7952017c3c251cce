// An opt-in sound for a prompt: on plain HTTP there are no system notifications.

import { recall, remember } from './storage.js'

// Often enough for whoever comes back to an empty room, rare enough to work beside.
const every = 5 * 60_000

export class Chime {
  #timer = 0
  // Made at the first ring: a page in which nobody has pressed anything gets no sound.
  #context = null
  isOn = recall('gp-chime') === 'on'

  /** Rings once: the press lets the browser sound, and tells whether the volume is up. */
  toggle() {
    this.isOn = !this.isOn
    remember('gp-chime', this.isOn ? 'on' : 'off')
    this.#ring()
  }

  /** Told each second whether a prompt waits. */
  asks(isAsking) {
    if (isAsking && !this.#timer) {
      this.#ring()
      // One switched on in the middle of a wait is heard at the next turn.
      this.#timer = setInterval(() => this.#ring(), every)
    } else if (!isAsking && this.#timer) {
      clearInterval(this.#timer)
      this.#timer = 0
    }
  }

  #ring() {
    if (!this.isOn) return
    const context = this.#context ??= new AudioContext()
    // Computed here: there is no sound file that could be missing.
    for (const [offset, frequency] of [[0, 660], [0.22, 880]]) {
      const tone = context.createOscillator()
      const gain = context.createGain()
      const start = context.currentTime + offset
      tone.frequency.value = frequency
      gain.gain.setValueAtTime(0.12, start)
      // An exponential ramp may not end at 0, and a tone that is cut off at full volume clicks.
      gain.gain.exponentialRampToValueAtTime(0.001, start + 0.5)
      tone.connect(gain).connect(context.destination)
      tone.start(start)
      tone.stop(start + 0.5)
    }
  }
}
