import { BANK_BYTES, writeBank, writeOffsets } from './gabor-bank.ts'
import { SPECTRUM_BYTES, writeSpectrum } from './period.ts'
import { Workspace } from './workspace.ts'

/** What every extraction needs and none changes. */
interface Tools {
  readonly workspace: Workspace
  /** Of the Gabor bank, as the kernel `gabor` reads it. */
  readonly shapes: number
  /** Of the tables of the kernel `periods`. */
  readonly spectrum: number
}

let made: Tools | undefined
let offsetsStride = 0

/** Made at the first extraction, some ten milliseconds; ready for planes of `stride`. */
export function tools(stride?: number): Tools {
  made ??= make()
  if (stride !== undefined && stride !== offsetsStride) {
    writeOffsets(made.workspace.tables, stride)
    offsetsStride = stride
  }
  return made
}

function make(): Tools {
  const workspace = new Workspace(BANK_BYTES + SPECTRUM_BYTES)
  const { pointer, view } = workspace.tables
  writeBank({ pointer, view })
  const spectrum = pointer + BANK_BYTES
  writeSpectrum(new Float32Array(view, spectrum, SPECTRUM_BYTES / 4))
  return { workspace, shapes: pointer, spectrum }
}
