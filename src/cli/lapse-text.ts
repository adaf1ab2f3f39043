import type { Lapse } from '../record/abis-status.ts'

/** To the minute: a licence lasts to the end of its last day in UTC, which is the next day here. */
export function lapseText({ what, whose, until, level }: Lapse): string {
  return `${level}: ${what}${whose ? ` of ${whose}` : ''} until ${until.slice(0, 16).replace('T', ' ')} UTC`
}
