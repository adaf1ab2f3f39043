import { z } from 'zod'
import { type Board, readPart, wiresOf } from '../../../hal/board/board.ts'
import { headerPins, isRaspberryPi } from '../../../hal/board/raspberry-pi-header.ts'
import { textOf, type Wiring } from '../../../hal/board/wiring.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { boardOf, boardOption } from './board-option.ts'

const options = z.strictObject(boardOption)

export const boardShow: Command<typeof options> = {
  name: 'board show',
  summary: 'Show how a board is wired, one line a wire',
  options,
  async run({ print }, options) {
    const board = await boardOf(options.board)
    const rows = wiringRows(board)
    print(`${board.id}: ${board.parts.length} parts`)
    if (board.note !== undefined) print(board.note)
    const columns = ['part', 'driver', 'wire', 'on', 'pins'] as const
    const widths = columns.map(name => Math.max(name.length, ...rows.map(row => row[name].length)))
    const line = (cells: readonly string[]) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd()
    print(line(['part', 'driver', 'wire', 'on', 'pins']))
    for (const row of rows) print({ ...row }, line(columns.map(name => row[name])))
    if (rows.some(row => row.pins !== ''))
      print('Pins are counted on the 40-pin header: 1 is nearest to the corner, odd ones on the inner row.')
    return EXIT.ok
  },
}

/** One wire as a person follows it; parts without any have one row. */
interface WiringRow {
  readonly part: string
  readonly kind: string
  readonly driver: string
  readonly wire: string
  readonly on: string
  /** Of the header, as `3 (SDA), 5 (SCL)`. */
  readonly pins: string
}

function wiringRows(board: Board): readonly WiringRow[] {
  const wires = board.parts.map(part => ({ part, wires: wiresOf(part) }))
  const isPi = isRaspberryPi(wires.flatMap(({ wires }) => wires.map(({ wiring }) => wiring)))
  return wires.flatMap(({ part, wires }) => {
    const facts = { part: part.name, kind: readPart(part).driver.kind, driver: part.driver }
    if (wires.length === 0) return [{ ...facts, wire: '', on: '', pins: '' }]
    return wires.map(({ name, wiring }) => ({
      ...facts,
      wire: name,
      on: textOf(wiring),
      pins: isPi ? pinsText(wiring) : '',
    }))
  })
}

function pinsText(wiring: Wiring): string {
  return headerPins(wiring)
    .map(({ pin, signal }) => `${pin} (${signal})`)
    .join(', ')
}
