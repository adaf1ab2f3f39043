import { type ErrorCode, KioskError } from '../../../src/base/errors.ts'

/**
 * What a device service's error means here (specification, § Error Codes). 500 and above are each provider's own;
 * the text that comes along is not repeated, since a provider may write anything there.
 */
const meanings: Readonly<Record<number, { readonly code: ErrorCode; readonly why: string }>> = {
  100: { code: 'hal/not-registered', why: 'register the scanner with its provider’s management client' },
  101: { code: 'hal/no-finger', why: 'the scanner saw no finger' },
  102: { code: 'hal/bad-capture', why: 'clean the platen, and place the finger again' },
  103: { code: 'hal/tampered', why: 'take the scanner out of service, and send it to its provider' },
  104: { code: 'hal/not-ready', why: 'its service cannot reach its management server: look at the network' },
  105: { code: 'hal/bad-capture', why: 'place the finger straight' },
  106: { code: 'hal/no-answer', why: 'its service sees no scanner: plug it in' },
  107: { code: 'hal/untrusted', why: 'its key has expired: let its service reach its management server' },
  108: {
    code: 'hal/not-ready',
    why: 'its service lacks the key of the domain: let it reach its management server',
  },
  109: { code: 'hal/unsupported', why: 'the scanner cannot take one finger at a time' },
  110: { code: 'hal/not-ready', why: 'wait a minute, then restart its service' },
  111: { code: 'hal/busy', why: 'somebody else uses the scanner' },
  112: { code: 'hal/bad-answer', why: 'its service refuses the number of the capture: update it' },
}

/** Undefined for 0, which is success. */
export function serviceError(errorCode: number): KioskError | undefined {
  if (errorCode === 0) return undefined
  const { code, why } = meanings[errorCode] ?? {
    code: 'hal/part-fault',
    why: 'look this number up in the manual of the scanner’s service',
  }
  return new KioskError(code, { serviceError: errorCode, why })
}
