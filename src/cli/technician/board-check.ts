import { z } from 'zod'
import { checkBoard } from '../../../hal/board/board.ts'
import { checkMachine } from '../../../hal/board/check-machine.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { boardText } from './board-option.ts'

const options = z.strictObject({
  fileOnly: z.boolean().default(false).meta({
    doc: 'Look at the file alone: this machine is not the board, so its buses and pins do not matter.',
  }),
})

export const boardCheck: Command<typeof options> = {
  name: 'board check',
  summary:
    'Say what is wrong with a board file, and with the buses and pins that it needs here: 1 if anything',
  args: [{ name: 'FILE', doc: 'Board file, or the name of a board that comes with Tunggal.' }],
  options,
  async run({ print }, { fileOnly }, [file]) {
    const { board, problems } = checkBoard(await boardText(file))
    for (const { where, problem } of problems) print({ where, problem }, `${where}: ${problem}`)
    if (board === undefined || problems.length > 0) return EXIT.no
    const missing = fileOnly ? [] : await checkMachine(board)
    for (const { part, problem, remedy } of missing)
      print({ where: part, problem, remedy }, `${part}: ${problem}; ${remedy}`)
    if (missing.length > 0) return EXIT.no
    print(`${file}: ${board.parts.length} parts, nothing wrong`)
    return EXIT.ok
  },
}
