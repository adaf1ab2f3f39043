/**
 * Seeded random numbers: the same sequence for the same seed, on every board.
 *
 * Four 32-bit words of state stirred by additions, shifts and rotations alone ("sfc32" of Chris
 * Doty-Humphrey's PractRand, public domain), filled from the seed by a multiplicative hash. For pictures
 * and simulations; never for keys.
 */
export class Random {
  private a: number
  private b: number
  private c: number
  private counter = 1

  /** `seed` is any whole number; `stream` gives one seed several sequences that do not depend on each other. */
  constructor(seed: number, stream = 0) {
    this.a = mix(seed | 0)
    this.b = mix((Math.floor(seed / 0x1_0000_0000) | 0) ^ 0x5bd1e995)
    this.c = mix((stream | 0) ^ 0x27d4eb2f)
    for (let turn = 0; turn < 12; turn++) this.uint32()
  }

  /** Uniform whole number, 0…2³² − 1. */
  uint32(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (this.c << 21) | (this.c >>> 11)
    this.c = (this.c + sum) | 0
    return sum >>> 0
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.uint32() / 0x1_0000_0000
  }

  /** Uniform in [min, max). */
  range(min: number, max: number): number {
    return min + (max - min) * this.uniform()
  }

  /** Uniform whole number, 0…count − 1. */
  below(count: number): number {
    return Math.floor(this.uniform() * count)
  }

  /** A bell curve of mean 0 and deviation 1, cut at ±3.5: four uniform numbers summed need no logarithm. */
  bell(): number {
    return (this.uniform() + this.uniform() + this.uniform() + this.uniform() - 2) * Math.sqrt(3)
  }
}

/** Spreads the bits of a whole number (finaliser of MurmurHash3, public domain). */
function mix(value: number): number {
  let hash = (value + 0x9e3779b9) | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
