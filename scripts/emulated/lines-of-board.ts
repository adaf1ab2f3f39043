/** What hangs on which line of the PL061, as `hal/board/boards/emulated.json` says. */
export const LINE = { presence: 0, housing: 1, serviceKey: 2, wake: 4, lamp: 5, buzzer: 6 } as const
