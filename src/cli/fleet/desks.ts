import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KioskError } from '../../base/errors.ts'
import type { AdjudicationDesk, CaseRow, ClaimRow, ClaimsDesk } from '../../fleet/desks/desks.ts'
import type { Line } from '../command.ts'
import { askLocal, type ServiceName } from '../local/ask-local.ts'

/** A service's commands as the page of operations uses them: its lines; undefined where it does not run on `data`. */
function linesOf(
  data: string,
  service: ServiceName,
  { signal }: { readonly signal: AbortSignal },
): (name: string, options: object, args?: readonly string[]) => Promise<readonly Line[] | undefined> {
  return async (name, options, args = []) => {
    const lines: Line[] = []
    const print = (line: Line | string) => void (typeof line !== 'string' && lines.push(line))
    const failed = (error: unknown) => {
      throw error
    }
    const question = { ask: 'command', name, options: { data, ...options }, args, cwd: '/' }
    const code = await askLocal(data, service, question, { print, failed, signal })
    return code === undefined ? undefined : lines
  }
}

/** The claims of `tunggal fleet claim serve` on the same data folder. */
export function claimsDesk(data: string, options: { readonly signal: AbortSignal }): ClaimsDesk {
  const ask = linesOf(data, 'claims', options)
  return {
    list: async () => (await ask('fleet claim list', {})) as readonly ClaimRow[] | undefined,
    async decide(id, { act, by }) {
      served(await ask(`fleet claim ${act}`, { by }, [id]), 'claims')
    },
  }
}

/** What waits for people at the ABIS of `tunggal abis serve` on that data folder. */
export function adjudicationDesk(data: string, options: { readonly signal: AbortSignal }): AdjudicationDesk {
  const ask = linesOf(data, 'abis', options)
  return {
    list: async () => (await ask('abis adjudicate list', {})) as readonly CaseRow[] | undefined,
    async picture(id) {
      // Only for as long as it takes: it shows fingers.
      const folder = await mkdtemp(join(tmpdir(), 'tunggal-pair-'))
      try {
        const output = join(folder, 'pair.png')
        const lines = await ask('abis adjudicate show', { output }, [id])
        return lines && (await readFile(output))
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    async decide(id, { answer, by }) {
      served(await ask('abis adjudicate decide', { [answer]: true, by }, [id]), 'abis')
    },
  }
}

function served(lines: readonly Line[] | undefined, service: 'claims' | 'abis'): void {
  if (lines === undefined) throw new KioskError(`${service}/unavailable`)
}
