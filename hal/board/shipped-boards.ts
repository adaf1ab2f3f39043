import { KioskError } from '../../src/base/errors.ts'
import { type Board, readBoard } from './board.ts'
import simulated from './boards/simulated.json' with { type: 'json' }

const shipped: ReadonlyMap<string, Board> = new Map(
  [simulated].map(board => [board.id, readBoard(JSON.stringify(board))]),
)

/** Names of the boards that come with Tunggal. */
export const shippedBoardNames: readonly string[] = [...shipped.keys()]

/** Throws `config/bad-value` for a name that is none of `shippedBoardNames`. */
export function shippedBoard(name: string): Board {
  const board = shipped.get(name)
  if (board === undefined)
    throw new KioskError('config/bad-value', {
      where: 'board',
      problem: `there is no board ${name}; there are ${shippedBoardNames.join(', ')}`,
    })
  return board
}
