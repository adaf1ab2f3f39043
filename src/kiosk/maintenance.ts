import { z } from 'zod'
import type { Disk } from '../config/disk.ts'
import { keptFile } from '../config/kept-file.ts'
import { KeptValue } from '../config/kept-value.ts'

const BYTES_MAX = 1_024
const schema = z.object({ isOn: z.boolean() })

/** Whether the kiosk is out of service because people want it so. Kept over restarts; a visit under way is not touched. */
export class Maintenance {
  private readonly listeners = new Set<() => void>()

  private constructor(private readonly kept: KeptValue<z.infer<typeof schema>>) {}

  /** Where the file is damaged, the kiosk serves. Rejects with `kv/io`. */
  static async open(disk: Disk): Promise<Maintenance> {
    const file = keptFile(disk, { name: 'maintenance', schema, bytesMax: BYTES_MAX })
    const { held } = await file.read()
    return new Maintenance(new KeptValue(file, held ?? { isOn: false }))
  }

  get isOn(): boolean {
    return this.kept.held.isOn
  }

  /** Durable when it resolves. Rejects with `kv/io`. */
  async turn(isOn: boolean): Promise<void> {
    const before = this.kept.held
    const after = await this.kept.change(held => (held.isOn === isOn ? held : { isOn }))
    if (after !== before) for (const listener of [...this.listeners]) listener()
  }

  /** Called after every change. Returns how to stop. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}
