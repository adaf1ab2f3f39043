import type { VisitLanguage } from '../../record/visit-view.ts'

/**
 * A voice.
 *
 * Contract:
 * - `render` resolves to a WAV file, 16 bits, one channel, or rejects with `speech/unavailable`.
 * - It settles within a few seconds, and soon after `signal` aborts.
 * - The text may be somebody's NIK: it is kept nowhere, and no other process can read it.
 */
export interface Speaker {
  render(text: string, language: VisitLanguage, signal: AbortSignal): Promise<Uint8Array>
}
