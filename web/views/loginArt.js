// An atlas drawn by the page itself: the sign-in page has no image of the server to show.

// The same numbers from the same seed, so that the page looks the same at every visit and in every screenshot. (mulberry32.)
function generator(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Draws an atlas of about 120 squares. Decoration only: hidden from screen readers, and nobody's specimen. */
export function drawAtlas(canvas, size = 1100, seed = 19) {
  const random = generator(seed)
  const context = canvas.getContext('2d')
  canvas.width = canvas.height = size
  context.fillStyle = '#07080a'
  context.fillRect(0, 0, size, size)
  // In fractions of the picture's width: thirteen squares across, turned a little, as no grid lies straight in its clip.
  const pitch = 1 / 13.2
  const turn = 0.16
  for (let row = -6; row <= 6; row += 1) {
    for (let column = -6; column <= 6; column += 1) {
      const [u, v] = [column * pitch, row * pitch]
      const x = u * Math.cos(turn) - v * Math.sin(turn)
      const y = u * Math.sin(turn) + v * Math.cos(turn)
      // Thicker to one side, as after a blot that was not even.
      const ice = Math.max(0.05, Math.min(1, 0.62 - x * 0.75 + y * 0.35 + (random() - 0.5) * 0.42))
      // A grid is round.
      if (Math.hypot(x, y) < 0.475) drawSquare(
        context, { x: (0.5 + x) * size, y: (0.5 + y) * size, side: pitch * 0.64 * size, turn, ice, kind: random() }
      )
    }
  }
  addNoise(context, size, random)
}

function drawSquare(context, { x, y, side, turn, ice, kind }) {
  const grey = 50 + ice * 150
  context.save()
  context.translate(x, y)
  context.rotate(turn)
  context.fillStyle = `rgb(${grey} ${grey} ${grey})`
  context.beginPath()
  context.roundRect(-side / 2, -side / 2, side, side, side * 0.2)
  context.fill()
  context.clip()
  context.fillStyle = `rgb(255 255 255 / ${0.08 + ice * 0.14})`
  for (let row = -3; row <= 3; row += 1) {
    for (let column = -3; column <= 3; column += 1) {
      context.beginPath()
      context.arc((column * side) / 7, (row * side) / 7, side * 0.038, 0, 7)
      context.fill()
    }
  }
  // About one square in twelve is torn.
  if (kind < 0.08) drawCrack(context, side)
  context.restore()
}

function drawCrack(context, side) {
  context.fillStyle = '#07080a'
  context.beginPath()
  for (
    const [x, y] of [
      [-0.5, -0.12], [-0.08, -0.02], [0.1, -0.5], [0.16, -0.02], [0.5, 0.1], [0.1, 0.14], [-0.02, 0.5], [-0.12, 0.1]
    ]
  ) context.lineTo(x * side, y * side)
  context.fill()
}

// An image without noise would not look like one of a microscope.
function addNoise(context, size, random) {
  const pixels = context.getImageData(0, 0, size, size)
  for (let index = 0; index < pixels.data.length; index += 4) {
    const noise = (random() + random() - 1) * 22
    for (let channel = 0; channel < 3; channel += 1) pixels.data[index + channel] += noise
  }
  context.putImageData(pixels, 0, 0)
}
