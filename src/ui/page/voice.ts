import type { Phrase } from './spoken.ts'

// As in protocol.ts, which the page does not carry.
const SPEECH_PATH = '/speech'
/** Four steps of 6 dB below full: EN 301 549 § 8.2.1 asks for 18 dB with a step on the way. */
const STEP_DB = 6
const VOLUME_MAX = 5
const UNAVAILABLE = 503

/** Says phrases one after the other, until it is stopped. */
export class Voice {
  private output: { readonly context: AudioContext; readonly gain: GainNode } | undefined
  private queue: Phrase[] = []
  private speaking: AbortController | undefined

  /** `onSilent`: the kiosk has no voice now. */
  constructor(private readonly onSilent: () => void) {}

  stop(): void {
    this.queue = []
    this.speaking?.abort()
    this.speaking = undefined
  }

  /** After what is being said. */
  say(phrases: readonly Phrase[], volume: number): void {
    this.output ??= openOutput()
    const { context, gain } = this.output
    gain.gain.value = 10 ** ((-STEP_DB * (VOLUME_MAX - volume)) / 20)
    // Where the browser wants a touch before any sound, this waits for it.
    void context.resume()
    this.queue.push(...phrases)
    if (this.speaking !== undefined) return
    this.speaking = new AbortController()
    void this.sayAll(context, gain, this.speaking.signal)
  }

  /** The next one is made while one is heard: no more, since most are interrupted. */
  private async sayAll(context: AudioContext, gain: GainNode, signal: AbortSignal): Promise<void> {
    const loadNext = () => this.load(this.queue.shift(), context, signal)
    let next = loadNext()
    for (;;) {
      const buffer = await next
      if (signal.aborted) return
      const isLast = this.queue.length === 0
      if (buffer === undefined && isLast) break
      next = loadNext()
      if (buffer !== undefined) await play(buffer, context, gain, signal)
    }
    this.speaking = undefined
  }

  private async load(
    phrase: Phrase | undefined,
    context: AudioContext,
    signal: AbortSignal,
  ): Promise<AudioBuffer | undefined> {
    if (phrase === undefined || signal.aborted) return undefined
    const { text, language, isPrivate } = phrase
    try {
      const response = await fetch(SPEECH_PATH, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text, language, isPrivate }),
        signal,
      })
      if (response.status === UNAVAILABLE) this.onSilent()
      return response.ok ? await context.decodeAudioData(await response.arrayBuffer()) : undefined
    } catch {
      return undefined
    }
  }
}

function openOutput() {
  const context = new AudioContext()
  const gain = context.createGain()
  gain.connect(context.destination)
  return { context, gain }
}

function play(
  buffer: AudioBuffer,
  context: AudioContext,
  gain: GainNode,
  signal: AbortSignal,
): Promise<void> {
  const source = context.createBufferSource()
  source.buffer = buffer
  source.connect(gain)
  return new Promise(resolve => {
    const stop = () => source.stop()
    signal.addEventListener('abort', stop, { once: true })
    source.addEventListener('ended', () => {
      signal.removeEventListener('abort', stop)
      source.disconnect()
      resolve()
    })
    source.start()
  })
}
