/** Logistic regression by Newton's method, with a ridge and with both classes weighing the same. */

export interface Logistic {
  readonly intercept: number
  readonly weights: readonly number[]
}

const ROUNDS_MAX = 60

/** `rows` hold one number a feature; the ridge holds standardised weights back. */
export function fitLogistic(
  rows: readonly (readonly number[])[],
  isPositive: readonly boolean[],
  ridge: number,
): Logistic {
  const size = rows[0].length
  const means = Array.from({ length: size }, (_, k) => average(rows.map(row => row[k])))
  const deviations = means.map(
    (mean, k) => Math.sqrt(average(rows.map(row => (row[k] - mean) * (row[k] - mean)))) + 1e-9,
  )
  const standard = rows.map(row => [1, ...row.map((value, k) => (value - means[k]) / deviations[k])])
  const positives = isPositive.filter(Boolean).length
  const classWeight = (positive: boolean): number =>
    rows.length / (2 * (positive ? positives : rows.length - positives))
  const solution = new Array<number>(size + 1).fill(0)
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const gradient = solution.map((value, k) => (k === 0 ? 0 : -ridge * rows.length * value))
    const hessian = solution.map((_, k) =>
      solution.map((_, l) => (k === l ? (k === 0 ? 1e-9 : ridge * rows.length) : 0)),
    )
    standard.forEach((row, index) => {
      const weight = classWeight(isPositive[index])
      const p = 1 / (1 + Math.exp(-dot(row, solution)))
      const error = weight * ((isPositive[index] ? 1 : 0) - p)
      const curvature = weight * p * (1 - p)
      for (let k = 0; k <= size; k++) {
        gradient[k] += error * row[k]
        const scaled = curvature * row[k]
        for (let l = 0; l <= k; l++) hessian[k][l] += scaled * row[l]
      }
    })
    for (let k = 0; k <= size; k++) for (let l = 0; l < k; l++) hessian[l][k] = hessian[k][l]
    const step = solve(hessian, gradient)
    step.forEach((value, k) => {
      solution[k] += value
    })
    if (Math.max(...step.map(Math.abs)) < 1e-7) break
  }
  const weights = solution.slice(1).map((value, k) => value / deviations[k])
  return { intercept: solution[0] - dot(weights, means), weights }
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, k) => sum + value * b[k], 0)
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Gaussian elimination with the largest pivot. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, k) => [...row, right[k]])
  const size = rows.length
  for (let k = 0; k < size; k++) {
    const pivot = rows.reduce(
      (best, row, index) => (index >= k && Math.abs(row[k]) > Math.abs(rows[best][k]) ? index : best),
      k,
    )
    ;[rows[k], rows[pivot]] = [rows[pivot], rows[k]]
    for (let other = 0; other < size; other++) {
      if (other === k) continue
      const factor = rows[other][k] / rows[k][k]
      for (let l = k; l <= size; l++) rows[other][l] -= factor * rows[k][l]
    }
  }
  return rows.map((row, k) => row[size] / row[k])
}
