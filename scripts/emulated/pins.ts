import type { Socket } from 'node:net'
import { onLines } from './lines.ts'

/** The pins of the machine's PL061, from outside: volts onto inputs, volts of outputs. By QEMU's test protocol. */
export class Pins {
  private readonly levels = new Map<number, 0 | 1>()
  private readonly waiting: ((reply: string) => void)[] = []

  private constructor(
    private readonly socket: Socket,
    private readonly path: string,
  ) {
    onLines(socket, line => {
      const change = /^IRQ (raise|lower) (\d+)$/.exec(line)
      if (change) this.levels.set(Number(change[2]), change[1] === 'raise' ? 1 : 0)
      else this.waiting.shift()?.(line)
    })
    socket.once('close', () => {
      for (const answer of this.waiting.splice(0)) answer('the machine is off')
    })
  }

  /** `path`: of the chip, among QEMU's objects. */
  static async of(socket: Socket, path: string): Promise<Pins> {
    const pins = new Pins(socket, path)
    await pins.say(`irq_intercept_out ${path}`)
    return pins
  }

  async set(line: number, volts: 0 | 1): Promise<void> {
    await this.say(`set_irq_in ${this.path} unnamed-gpio-in ${line} ${volts}`)
  }

  /** What the machine drives a line to; 0 before it did. */
  level(line: number): 0 | 1 {
    return this.levels.get(line) ?? 0
  }

  /** Resolves once everything that the machine has driven by now is known here. */
  async settled(): Promise<void> {
    await this.say('endianness')
  }

  close(): void {
    this.socket.destroy()
  }

  private async say(command: string): Promise<void> {
    const reply = await new Promise<string>(resolve => {
      this.waiting.push(resolve)
      this.socket.write(`${command}\n`)
    })
    if (!reply.startsWith('OK')) throw new Error(`${command}: ${reply}`)
  }
}
