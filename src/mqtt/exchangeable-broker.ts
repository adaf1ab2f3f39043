import type { Broker, Connection, Handler, Message, PublishResult } from './broker.ts'

/**
 * A broker that can be exchanged for another while everybody goes on using it: as if the connection had broken and
 * come back, at the new one. Subscriptions and listeners stay.
 */
export class ExchangeableBroker implements Broker {
  private readonly subscriptions: { readonly filter: string; readonly handler: Handler }[] = []
  private readonly listeners = new Set<(connection: Connection | undefined) => void>()
  private stopListening: () => void
  private exchanging: Promise<void> = Promise.resolve()
  private isClosed = false

  constructor(private current: Broker) {
    this.stopListening = this.listen()
  }

  get connection(): Connection | undefined {
    return this.current.connection
  }

  publish(message: Message, signal?: AbortSignal): Promise<PublishResult> {
    return this.current.publish(message, signal)
  }

  async subscribe(filter: string, handler: Handler): Promise<void> {
    this.subscriptions.push({ filter, handler })
    await this.current.subscribe(filter, handler)
  }

  onConnection(listener: (connection: Connection | undefined) => void): () => void {
    this.listeners.add(listener)
    listener(this.connection)
    return () => this.listeners.delete(listener)
  }

  /** Closes the present one first: at the same broker, two of one name would push each other out. */
  async exchange(connect: () => Broker): Promise<void> {
    const exchanged = this.exchanging.then(async () => {
      await this.current.close()
      if (this.isClosed) return
      this.stopListening()
      this.current = connect()
      this.stopListening = this.listen()
      await Promise.all(
        this.subscriptions.map(({ filter, handler }) => this.current.subscribe(filter, handler)),
      )
    })
    this.exchanging = exchanged.catch(() => {})
    await exchanged
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.exchanging
    await this.current.close()
  }

  private listen(): () => void {
    // At once it says what it is now: nobody asked.
    let isFirst = true
    const stop = this.current.onConnection(connection => {
      if (isFirst) return
      for (const listener of [...this.listeners]) listener(connection)
    })
    isFirst = false
    return stop
  }
}
