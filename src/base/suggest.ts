/** Which of `known` was probably meant by `word`; undefined where nothing is near. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const nearest = known
    .map(name => ({ name, distance: editDistance(word, name) }))
    .sort((a, b) => a.distance - b.distance)[0]
  // A third of the letters wrong is a slip; more is another word.
  return nearest !== undefined && nearest.distance <= Math.max(1, Math.floor(word.length / 3))
    ? nearest.name
    : undefined
}

/** Letters added, dropped, changed or swapped with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + change)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (isSwap) least = Math.min(least, beforeLast[j - 2] + 1)
      row.push(least)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]
}
