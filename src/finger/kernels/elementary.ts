/**
 * Elementary functions from additions, multiplications, divisions and square roots alone.
 *
 * IEEE 754 fixes the last bit of those four, but not of `Math.sin` and its kin, which differ between
 * processors on one version of Node. The engine must give the same template and score on every
 * board, so it calls these instead (`scripts/check-imports.ts` sees to it). Not for inner loops:
 * fill a table with them.
 */

export const TWO_PI = 2 * Math.PI
const HALF_PI = Math.PI / 2

/** Sine of an angle in radians. Error below 1e-14 for |angle| < 1e4. */
export function sin(angleRad: number): number {
  const quarter = Math.round(angleRad / HALF_PI)
  return sineOfQuarter(angleRad - quarter * HALF_PI, quarter)
}

/** Cosine of an angle in radians, as `sin`. */
export function cos(angleRad: number): number {
  const quarter = Math.round(angleRad / HALF_PI)
  return sineOfQuarter(angleRad - quarter * HALF_PI, quarter + 1)
}

/** sin(rest + quarter · π/2) for |rest| ≤ π/4, by the Taylor series. */
function sineOfQuarter(rest: number, quarter: number): number {
  const turn = ((quarter % 4) + 4) % 4
  const value = turn % 2 === 0 ? sineSeries(rest) : cosineSeries(rest)
  return turn < 2 ? value : -value
}

function sineSeries(x: number): number {
  const z = x * x
  let sum = 1
  for (let n = 8; n >= 1; n--) sum = 1 - (sum * z) / (2 * n * (2 * n + 1))
  return x * sum
}

function cosineSeries(x: number): number {
  const z = x * x
  let sum = 1
  for (let n = 8; n >= 1; n--) sum = 1 - (sum * z) / (2 * n * (2 * n - 1))
  return sum
}

/** The angle of the point (x, y) in radians, -π…π; 0 for the origin. Error below 1e-14. */
export function atan2(y: number, x: number): number {
  const absX = Math.abs(x)
  const absY = Math.abs(y)
  if (absX === 0 && absY === 0) return 0
  const steep = absY > absX
  const angle = arcTangent(steep ? absX / absY : absY / absX)
  const first = steep ? HALF_PI - angle : angle
  const half = x < 0 ? Math.PI - first : first
  return y < 0 ? -half : half
}

/** atan of 0 ≤ t ≤ 1: halved twice (to below 0.2), then the series. */
function arcTangent(t: number): number {
  let x = t / (1 + Math.sqrt(1 + t * t))
  x = x / (1 + Math.sqrt(1 + x * x))
  const z = x * x
  let sum = 0
  for (let n = 11; n >= 0; n--) sum = 1 / (2 * n + 1) - z * sum
  return 4 * x * sum
}

const bits = new DataView(new ArrayBuffer(8))

/** e to the power of `x`. Relative error below 1e-14; 0 below -700, Infinity above 709. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x
  if (x < -700) return 0
  if (x > 709) return Number.POSITIVE_INFINITY
  const power = Math.round(x / Math.LN2)
  const rest = x - power * Math.LN2
  let sum = 1
  for (let n = 13; n >= 1; n--) sum = 1 + (sum * rest) / n
  return sum * powerOfTwo(power)
}

/** 2 to a whole power, -1022…1023, by its bits. */
function powerOfTwo(power: number): number {
  bits.setUint32(0, (power + 1023) << 20)
  bits.setUint32(4, 0)
  return bits.getFloat64(0)
}

/** Natural logarithm of a normal positive number. Error below 1e-14 relative; -Infinity for 0, NaN below. */
export function ln(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY
  if (!(x > 0)) return Number.NaN
  if (x === Number.POSITIVE_INFINITY) return x
  bits.setFloat64(0, x)
  const high = bits.getUint32(0)
  let power = (high >>> 20) - 1023
  bits.setUint32(0, (high & 0xfffff) | (1023 << 20))
  let mantissa = bits.getFloat64(0)
  if (mantissa > Math.SQRT2) {
    mantissa /= 2
    power++
  }
  const s = (mantissa - 1) / (mantissa + 1)
  const z = s * s
  let sum = 0
  for (let n = 11; n >= 0; n--) sum = 1 / (2 * n + 1) + z * sum
  return 2 * s * sum + power * Math.LN2
}

/** `base` (positive) to the power of `exponent`. */
export function pow(base: number, exponent: number): number {
  return exp(exponent * ln(base))
}
