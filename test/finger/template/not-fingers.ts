import type { Frame } from '../../../src/finger/image/frame.ts'
import { Random } from '../../../src/finger/synthetic/random.ts'

const WIDTH = 320
const HEIGHT = 360

/** Pictures that nobody would call a fingerprint, by name. */
export function notFingers(): Map<string, Frame> {
  const random = new Random(7)
  const noise = () => Float32Array.from({ length: WIDTH * HEIGHT }, () => random.uniform() - 0.5)
  const pictures = new Map<string, Uint8Array>()
  pictures.set('a blank', new Uint8Array(WIDTH * HEIGHT).fill(200))
  pictures.set(
    'a gradient',
    drawn(x => (x * 255) / WIDTH),
  )
  pictures.set('faint noise', levels(noise(), 2))
  pictures.set('white noise', levels(noise(), 45))
  for (const radius of [1, 2, 3, 5, 9])
    pictures.set(`noise blurred by ${radius}`, levels(blurred(noise(), radius), 45))
  pictures.set('a cloudy photograph', levels(cloudy(noise), 45))
  pictures.set(
    'a small chequerboard',
    drawn((x, y) => (((x >> 3) + (y >> 3)) & 1) * 255),
  )
  pictures.set(
    'a large chequerboard',
    drawn((x, y) => (((x >> 5) + (y >> 5)) & 1) * 255),
  )
  pictures.set(
    'coarse stripes',
    drawn(x => 128 + 90 * Math.cos((x * 2 * Math.PI) / 30)),
  )
  pictures.set(
    'fine stripes',
    drawn(x => 128 + 90 * Math.cos((x * 2 * Math.PI) / 3)),
  )
  pictures.set(
    'a dot',
    drawn((x, y) => (Math.hypot(x - 160, y - 180) < 20 ? 0 : 255)),
  )
  pictures.set(
    'a smooth oval',
    drawn((x, y) => (Math.hypot((x - 160) * 1.3, y - 180) < 120 ? 70 : 250)),
  )
  pictures.set('print', text(random))
  return new Map(
    [...pictures].map(([name, pixels]) => [
      name,
      { widthPx: WIDTH, heightPx: HEIGHT, resolutionDpi: 500, pixels },
    ]),
  )
}

function drawn(levelAt: (x: number, y: number) => number): Uint8Array {
  return Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => levelAt(i % WIDTH, Math.floor(i / WIDTH)))
}

/** With this deviation about middle grey. */
function levels(values: Float32Array, deviation: number): Uint8Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / values.length
  const scale = deviation / Math.sqrt(variance)
  return Uint8Array.from(values, value => Math.min(Math.max(128 + (value - mean) * scale, 0), 255))
}

/** Three box blurs, which are nearly a Gaussian; the image's edges meet. */
function blurred(values: Float32Array, radius: number): Float32Array {
  let from = values
  for (let round = 0; round < 3; round++) from = boxed(boxed(from, radius, 1, WIDTH), radius, WIDTH, HEIGHT)
  return from
}

function boxed(values: Float32Array, radius: number, step: number, length: number): Float32Array {
  return values.map((_, i) => {
    const place = Math.floor(i / step) % length
    let sum = 0
    for (let k = -radius; k <= radius; k++)
      sum += values[i + (((place + k + length) % length) - place) * step]
    return sum
  })
}

/** As much contrast at every scale, as in most photographs. */
function cloudy(noise: () => Float32Array): Float32Array {
  const sum = new Float32Array(WIDTH * HEIGHT)
  for (const radius of [1, 2, 4, 8, 16]) {
    const cloud = blurred(noise(), radius)
    const deviation = Math.sqrt(cloud.reduce((total, value) => total + value * value, 0) / cloud.length)
    for (let i = 0; i < sum.length; i++) sum[i] += (radius * cloud[i]) / deviation
  }
  return sum
}

/** Lines of strokes of the size of letters. */
function text(random: Random): Uint8Array {
  const pixels = new Uint8Array(WIDTH * HEIGHT).fill(255)
  for (let line = 10; line < HEIGHT - 16; line += 18) {
    for (let letter = 8; letter < WIDTH - 12; letter += 9) {
      for (let stroke = 0; stroke < 3; stroke++) {
        const upright = random.uniform() < 0.5
        const shift = Math.floor(random.uniform() * 6)
        for (let along = 0; along < (upright ? 12 : 7); along++) {
          const at = upright ? [letter + shift, line + along] : [letter + along, line + 2 * shift]
          pixels[at[1] * WIDTH + at[0]] = 20
          pixels[at[1] * WIDTH + at[0] + 1] = 20
        }
      }
    }
  }
  return pixels
}
