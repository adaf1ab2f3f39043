/**
 * Carries one IPP request to a printer: `message` in the encoding of RFC 8010, then the document if there is one.
 * Resolves to the printer's answer in the same encoding.
 *
 * - `hal/no-answer` where nobody listens, the line breaks, or what listens is no printer; `hal/bad-answer` where its
 *   answer is longer than any printer's.
 * - Stops early on `signal`, with its reason.
 */
export type IppExchange = (
  message: Uint8Array,
  options: { readonly document?: Uint8Array; readonly signal: AbortSignal },
) => Promise<Uint8Array>

/** A printer's attributes with every list that it may have: some send 60 kB. */
export const IPP_ANSWER_BYTES_MAX = 256 * 1024
