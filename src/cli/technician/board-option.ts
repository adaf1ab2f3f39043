import { z } from 'zod'
import { BOARD_BYTES_MAX, type Board, readBoard } from '../../../hal/board/board.ts'
import { shippedBoard, shippedBoardNames } from '../../../hal/board/shipped-boards.ts'
import { readInput } from '../files.ts'

/** For every command that needs to know the kiosk's parts. */
export const boardOption = {
  board: z
    .string()
    .min(1)
    .default('simulated')
    .meta({
      doc: `Board file, or the name of one that comes with Tunggal (${shippedBoardNames.join(', ')}).`,
      value: 'FILE',
    }),
}

/** The board of `--board`. Rejects with `io/unreadable` or `config/bad-value`. */
export async function boardOf(nameOrFile: string): Promise<Board> {
  return shippedBoardNames.includes(nameOrFile)
    ? shippedBoard(nameOrFile)
    : readBoard(await readBoardText(nameOrFile))
}

/** What `--board` names, as text that is not yet checked. Rejects with `io/unreadable`. */
export async function boardText(nameOrFile: string): Promise<string> {
  return shippedBoardNames.includes(nameOrFile)
    ? JSON.stringify(shippedBoard(nameOrFile))
    : await readBoardText(nameOrFile)
}

/** What a board file holds. Rejects with `io/unreadable`. */
async function readBoardText(file: string): Promise<string> {
  return new TextDecoder().decode(await readInput(file, BOARD_BYTES_MAX))
}
