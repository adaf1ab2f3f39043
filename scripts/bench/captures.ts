/**
 * `npm run -s bench -- captures`: what a small sensor, or another resolution, costs in accuracy. The images of the fvc
 * sets are cut to the middle of the finger, or brought to another resolution and handed in as such; a line a kind,
 * means of the sets.
 */
import { KioskError } from '../../src/base/errors.ts'
import { prepare } from '../../src/finger/compare/compare.ts'
import type { Frame } from '../../src/finger/image/frame.ts'
import { resample } from '../../src/finger/image/resample.ts'
import { extract } from '../../src/finger/template/extract.ts'
import { type Compare, type Print, scoreOf, setRates } from './accuracy.ts'
import { ImageReader, listSets, type SetImage, yearOf } from './dataset.ts'
import { mean } from './metrics.ts'

/** R503 and its like. */
const SMALL_PX = 192
const MIDDLING_PX = 256

type Change = (frame: Frame) => Frame
const kinds: Readonly<Record<string, { probe: Change; gallery: Change }>> = {
  'as they are': both(frame => frame),
  '256 × 256': both(frame => cut(frame, MIDDLING_PX)),
  '192 × 192': both(frame => cut(frame, SMALL_PX)),
  '192 × 192, the other whole': { probe: frame => cut(frame, SMALL_PX), gallery: frame => frame },
  '512 dpi': both(frame => resample(frame, 512)),
  '569 dpi': both(frame => resample(frame, 569)),
  '1000 dpi': both(frame => resample(frame, 1000)),
}

function both(change: Change): { probe: Change; gallery: Change } {
  return { probe: change, gallery: change }
}

export async function captures({
  data,
  sets,
  print,
  progress,
}: {
  data: string
  sets?: readonly string[]
  print: (line: Record<string, string | number>) => void
  progress: (text: string) => void
}): Promise<void> {
  const reader = new ImageReader(data)
  const images = [...listSets(data, sets)].filter(([set]) => yearOf(set) !== undefined)
  for (const [kind, { probe, gallery }] of Object.entries(kinds)) {
    const results = images.map(([set, ofSet]) => {
      progress(`${kind}: ${set}`)
      const probes = new Map(ofSet.map(image => [image, printOf(image, probe(reader.read(image)))]))
      const others =
        gallery === probe
          ? probes
          : new Map(ofSet.map(image => [image, printOf(image, gallery(reader.read(image)))]))
      const compare: Compare = (a, b) => scoreOf(probes.get(a)!, others.get(b)!)
      const refused = [...probes.values()].filter(({ prepared }) => prepared === undefined).length
      return { ...setRates(ofSet, compare, () => {}), refused }
    })
    const percent = (of: (result: (typeof results)[number]) => number): number =>
      Math.round(1e4 * mean(results.map(of))) / 100
    print({
      kind: kind.padEnd(26),
      eer: percent(({ eer }) => eer),
      fmr100: percent(({ fmr100 }) => fmr100),
      fmr1000: percent(({ fmr1000 }) => fmr1000),
      zeroFmr: percent(({ zeroFmr }) => zeroFmr),
      rank1: percent(({ rank1 }) => rank1),
      refused: results.reduce((sum, { refused }) => sum + refused, 0),
    })
  }
}

function printOf(image: SetImage, frame: Frame): Print {
  try {
    return { ...image, prepared: prepare(extract(frame).template) }
  } catch (error) {
    if (error instanceof KioskError) return image
    throw error
  }
}

/** A square round the middle of what is dark, as large as the image lets it be. */
function cut(frame: Frame, sidePx: number): Frame {
  const { widthPx, heightPx, pixels } = frame
  const sums = { dark: 0, x: 0, y: 0 }
  for (let i = 0; i < pixels.length; i++) {
    const dark = 255 - pixels[i]
    sums.dark += dark
    sums.x += dark * (i % widthPx)
    sums.y += dark * Math.floor(i / widthPx)
  }
  const within = (middle: number, lengthPx: number): { from: number; sizePx: number } => {
    const sizePx = Math.min(sidePx, lengthPx)
    return { from: Math.min(Math.max(Math.round(middle - sizePx / 2), 0), lengthPx - sizePx), sizePx }
  }
  const across = within(sums.x / Math.max(sums.dark, 1), widthPx)
  const down = within(sums.y / Math.max(sums.dark, 1), heightPx)
  const cropped = new Uint8Array(across.sizePx * down.sizePx)
  for (let y = 0; y < down.sizePx; y++) {
    const at = (down.from + y) * widthPx + across.from
    cropped.set(pixels.subarray(at, at + across.sizePx), y * across.sizePx)
  }
  return { ...frame, widthPx: across.sizePx, heightPx: down.sizePx, pixels: cropped }
}
