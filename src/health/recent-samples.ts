const SAMPLES_MAX = 200

/** How one sample of a finger turned out: no more than that is kept of it. */
export interface SampleResult {
  /** 0-100. */
  readonly score: number
  readonly good: boolean
}

/** What the sensor gave lately; a dirty platen shows. */
export interface SampleStatistics {
  /** How many of the latest are counted. */
  readonly count: number
  readonly scoreMean: number
  /** 0…1. */
  readonly goodFraction: number
}

/** The latest samples of this kiosk's sensor, by quality alone. */
export class RecentSamples {
  private readonly results: SampleResult[] = []

  add({ score, good }: SampleResult): void {
    this.results.push({ score, good })
    if (this.results.length > SAMPLES_MAX) this.results.shift()
  }

  /** Undefined before the first. */
  statistics(): SampleStatistics | undefined {
    const count = this.results.length
    if (count === 0) return undefined
    const scores = this.results.reduce((sum, { score }) => sum + score, 0)
    const good = this.results.filter(result => result.good).length
    return {
      count,
      scoreMean: Math.round(scores / count),
      goodFraction: Math.round((100 * good) / count) / 100,
    }
  }
}
