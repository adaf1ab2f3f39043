/** Linear discriminant analysis (Fisher 1936), for the pre-filter's codes. */

const ROUNDS_MAX = 12

type Row = ArrayLike<number>

/**
 * The `count` axes along which the pairs differ most from each other and least within themselves, best first;
 * along each of them all rows together have variance 1. What hardly varies within pairs is held up by `floor` of the
 * mean variance within them: the fewer the pairs, the more their accidents would be taken for laws.
 */
export function discriminants(
  pairs: readonly (readonly [Row, Row])[],
  count: number,
  floor = 0.01,
): { mean: Float64Array; axes: Float64Array[] } {
  const size = pairs[0][0].length
  const mean = new Float64Array(size)
  for (const pair of pairs) for (const row of pair) for (let k = 0; k < size; k++) mean[k] += row[k]
  for (let k = 0; k < size; k++) mean[k] /= 2 * pairs.length
  const total = covariance(pairs.flat(), mean)
  const within = covariance(
    pairs.map(([a, b]) => Float64Array.from({ length: size }, (_, k) => (a[k] - b[k]) * Math.SQRT1_2)),
    new Float64Array(size),
  )
  const trace = within.reduce((sum, row, k) => sum + row[k], 0)
  within.forEach((row, k) => {
    row[k] += (floor * trace) / size
  })
  const lower = cholesky(within)
  const { values, vectors } = eigen(congruent(total, lower))
  const best = values
    .map((value, index) => ({ value, index }))
    .sort((a, b) => b.value - a.value)
    .slice(0, count)
  const axes = best.map(({ value, index }) =>
    backward(
      lower,
      vectors.map(row => row[index] / Math.sqrt(value)),
    ),
  )
  return { mean, axes }
}

function covariance(rows: readonly Row[], mean: Float64Array): Float64Array[] {
  const size = mean.length
  const sums = Array.from({ length: size }, () => new Float64Array(size))
  const centred = new Float64Array(size)
  for (const row of rows) {
    for (let k = 0; k < size; k++) centred[k] = row[k] - mean[k]
    for (let k = 0; k < size; k++) {
      const value = centred[k]
      if (value === 0) continue
      const sum = sums[k]
      for (let l = 0; l <= k; l++) sum[l] += value * centred[l]
    }
  }
  for (let k = 0; k < size; k++)
    for (let l = 0; l <= k; l++) {
      sums[k][l] /= rows.length
      sums[l][k] = sums[k][l]
    }
  return sums
}

/** The lower triangle L with L·Lᵀ = matrix. */
function cholesky(matrix: readonly Float64Array[]): Float64Array[] {
  const size = matrix.length
  const lower = matrix.map(() => new Float64Array(size))
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i][j]
      for (let k = 0; k < j; k++) sum -= lower[i][k] * lower[j][k]
      lower[i][j] = i === j ? Math.sqrt(sum) : sum / lower[j][j]
    }
  }
  return lower
}

/** L⁻¹ · matrix · L⁻ᵀ. */
function congruent(matrix: readonly Float64Array[], lower: readonly Float64Array[]): Float64Array[] {
  const half = transposed(matrix.map(column => forward(lower, column)))
  return half.map(row => forward(lower, row))
}

function transposed(matrix: readonly Float64Array[]): Float64Array[] {
  return matrix.map((_, k) => Float64Array.from(matrix, row => row[k]))
}

/** x with L·x = right. */
function forward(lower: readonly Float64Array[], right: Float64Array): Float64Array {
  const x = Float64Array.from(right)
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < i; k++) x[i] -= lower[i][k] * x[k]
    x[i] /= lower[i][i]
  }
  return x
}

/** x with Lᵀ·x = right. */
function backward(lower: readonly Float64Array[], right: readonly number[]): Float64Array {
  const x = Float64Array.from(right)
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i] -= lower[k][i] * x[k]
    x[i] /= lower[i][i]
  }
  return x
}

/** Eigenvalues and, in columns, eigenvectors of a symmetric matrix, by Jacobi's rotations. */
function eigen(matrix: readonly Float64Array[]): { values: number[]; vectors: Float64Array[] } {
  const size = matrix.length
  const a = matrix.map(row => Float64Array.from(row))
  const vectors = a.map((_, k) => Float64Array.from({ length: size }, (_, l) => (k === l ? 1 : 0)))
  for (let round = 0; round < ROUNDS_MAX; round++) {
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        if (Math.abs(a[p][q]) < 1e-12) continue
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
        const c = 1 / Math.sqrt(t * t + 1)
        rotate(a, vectors, p, q, c, t * c)
      }
    }
  }
  return { values: a.map((row, k) => row[k]), vectors }
}

function rotate(
  a: Float64Array[],
  vectors: Float64Array[],
  p: number,
  q: number,
  c: number,
  s: number,
): void {
  for (let k = 0; k < a.length; k++) {
    const [kp, kq] = [a[k][p], a[k][q]]
    a[k][p] = c * kp - s * kq
    a[k][q] = s * kp + c * kq
  }
  const [rowP, rowQ] = [a[p], a[q]]
  for (let k = 0; k < a.length; k++) {
    const [pk, qk] = [rowP[k], rowQ[k]]
    rowP[k] = c * pk - s * qk
    rowQ[k] = s * pk + c * qk
  }
  for (const row of vectors) {
    const [vp, vq] = [row[p], row[q]]
    row[p] = c * vp - s * vq
    row[q] = s * vp + c * vq
  }
}
