import { z } from 'zod'
import { shippedBoard, shippedBoardNames } from '../../../hal/board/shipped-boards.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'

const options = z.strictObject({})

export const boardList: Command<typeof options> = {
  name: 'board list',
  summary: 'List the boards that come with Tunggal',
  options,
  async run({ print }) {
    for (const board of shippedBoardNames) {
      const { parts, note } = shippedBoard(board)
      const names = parts.map(part => part.name)
      print({ board, parts: names, ...(note && { note }) }, `${board}: ${names.join(', ')}`)
      if (note !== undefined) print(`  ${note}`)
    }
    return EXIT.ok
  },
}
