/**
 * `npm run -s bench -- native`: how near our native measures of ISO/IEC 29794-4 come to what NFIQ 2 prints for its
 * own example images (`nfiq2_examples`). One line a measure: the difference farthest from 0.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeImage } from '../../src/finger/image/decode.ts'
import { nativeMeasures } from '../../src/finger/quality/native/native-measures.ts'
import { extract } from '../../src/finger/template/extract.ts'

const EXPECTED = '.expected.txt'

export interface Deviation {
  readonly measure: string
  /** Ours less NFIQ 2's. Undefined where we have no such measure. */
  readonly off: number | undefined
  readonly expected: number
}

/** Of one example image: every measure that NFIQ 2 printed. */
export function deviationsOf(path: string): Deviation[] {
  const image = decodeImage(readFileSync(`${path}.png`))
  const measures = nativeMeasures(image, extract(image).template)
  return readFileSync(path + EXPECTED, 'utf8')
    .trim()
    .split('\n')
    .map(line => {
      const [measure, value] = line.split(': ')
      const expected = Number(value)
      return { measure, expected, off: measure in measures ? measures[measure] - expected : undefined }
    })
}

/** The example images below `data`, without their ending. */
export function examples(data: string): string[] {
  const folder = join(data, 'nfiq2_examples')
  const names = readdirSync(folder).filter(name => name.endsWith(EXPECTED))
  return names.map(name => join(folder, name.slice(0, -EXPECTED.length)))
}

export async function native({
  data,
  print,
}: {
  data: string
  print: (line: Record<string, string | number>) => void
}): Promise<void> {
  const farthest = new Map<string, Deviation>()
  for (const deviation of examples(data).flatMap(deviationsOf)) {
    const { measure, off } = deviation
    if (Math.abs(off ?? 0) >= Math.abs(farthest.get(measure)?.off ?? 0)) farthest.set(measure, deviation)
  }
  for (const { measure, off, expected } of farthest.values())
    print({
      measure: measure.padEnd(40),
      off: off === undefined ? 'none' : Number(off.toPrecision(3)),
      expected,
    })
}
