import { z } from 'zod'
import { systemClock as clock } from '../../../base/clock.ts'
import { type Act, RollOutBook } from '../../../fleet/roll-outs/book.ts'
import type { RollOut } from '../../../fleet/roll-outs/roll-out.ts'
import type { Context } from '../../command.ts'
import { EXIT } from '../../exit-code.ts'
import { byOption } from '../claim/open-desk.ts'
import { roomCommands, userOptions } from '../open-room.ts'

export const bookOptions = { ...userOptions, ...byOption }
export const idArgument = { name: 'ID', doc: 'As tunggal fleet rollout list has it.' }

/** `fleet serve` alone carries roll-outs on; elsewhere they are only written down. */
export const bookCommand = roomCommands({
  open: (kv, audit) => RollOutBook.open(kv, audit, clock),
  of: ({ rollOuts }) => rollOuts,
})

/** Approve, pause, resume or cancel one. */
export function actCommand(act: Act, summary: string) {
  return bookCommand({
    name: `fleet rollout ${act}`,
    summary,
    options: z.strictObject(bookOptions),
    args: [idArgument],
    async work(context, book, { by }, [id]) {
      await printRollOut(context, book, await book.act(id, act, by))
      return EXIT.ok
    },
  })
}

/** One line: where it stands and how far it is. */
export async function printRollOut(
  { print }: Pick<Context, 'print'>,
  book: RollOutBook,
  rollOut: RollOut,
): Promise<void> {
  const { id, state, at, image, plan, proposed, approved, version, reason } = rollOut
  const counts = await book.counts(id)
  const { kiosks, sent, kept, failed, passedOver } = counts
  const words = [
    `${id}  ${state}${reason === undefined ? '' : ` (${reason})`}`,
    ...(image === undefined ? [] : [`image ${image.image}`]),
    `to ${plan.to.join(', ')}`,
    `proposed by ${proposed.by}`,
    ...(approved === undefined ? [] : [`approved by ${approved.by}`]),
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(kiosks === 0
      ? []
      : [`${kept} kept, ${failed} failed, ${passedOver} passed over, ${sent} sent of ${kiosks}`]),
  ]
  const line = {
    id,
    state,
    reason,
    at,
    image: image?.image,
    to: plan.to,
    version,
    proposed,
    approved,
    ...counts,
  }
  print(line, words.join(', '))
}
