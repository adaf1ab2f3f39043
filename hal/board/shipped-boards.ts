import { KioskError } from '../../src/base/errors.ts'
import { type Board, readBoard } from './board.ts'
import emulated from './boards/emulated.json' with { type: 'json' }
import raspberryPi4 from './boards/raspberry-pi-4.json' with { type: 'json' }
import raspberryPi5 from './boards/raspberry-pi-5.json' with { type: 'json' }
import simulated from './boards/simulated.json' with { type: 'json' }

const shipped: ReadonlyMap<string, object> = new Map(
  [simulated, raspberryPi4, raspberryPi5, emulated].map(board => [board.id, board]),
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
  return readBoard(JSON.stringify(board))
}
