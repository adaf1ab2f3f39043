import { BANK_BYTES, GaborBank } from './gabor-bank.ts'
import { SPECTRUM_BYTES, writeSpectrum } from './period.ts'
import { Workspace } from './workspace.ts'

/** What every extraction needs; one set for all, since they run one after the other. */
interface Tools {
  readonly workspace: Workspace
  readonly bank: GaborBank
  /** Of the tables of the kernel `periods`. */
  readonly spectrum: number
}

let made: Tools | undefined

/** Made at the first extraction. */
export function tools(): Tools {
  made ??= make()
  return made
}

function make(): Tools {
  const workspace = new Workspace(BANK_BYTES + SPECTRUM_BYTES)
  const { pointer, view } = workspace.tables
  const spectrum = pointer + BANK_BYTES
  writeSpectrum(new Float32Array(view, spectrum, SPECTRUM_BYTES / 4))
  return { workspace, bank: new GaborBank(workspace), spectrum }
}
