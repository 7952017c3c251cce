// An opt-in sound for a prompt, repeated every five minutes while it is unanswered: on plain HTTP there are no system notifications.

const every = 5 * 60_000

export class Chime {
  #timer = 0
  #context = null
  isOn = stored()

  toggle() {
    this.isOn = !this.isOn
    try {
      localStorage.setItem('gp-chime', this.isOn ? 'on' : 'off')
    } catch {
      // Storage may be forbidden: the choice then lasts as long as the page.
    }
    if (this.isOn) this.#ring()
  }

  asks(isAsking) {
    if (isAsking && !this.#timer) {
      if (this.isOn) this.#ring()
      this.#timer = setInterval(() => { if (this.isOn) this.#ring() }, every)
    } else if (!isAsking && this.#timer) {
      clearInterval(this.#timer)
      this.#timer = 0
    }
  }

  #ring() {
    this.#context ??= new AudioContext()
    const start = this.#context.currentTime
    for (const [offset, frequency] of [[0, 660], [0.22, 880]]) {
      const tone = this.#context.createOscillator()
      const gain = this.#context.createGain()
      tone.frequency.value = frequency
      gain.gain.setValueAtTime(0.12, start + offset)
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
