/** A scanner rests longer than that between two codes, even where the page is slow to hear it. */
const PAUSE_MS = 1000
/** Faster than any hand. */
export const FAST_MS = 15
const CHARACTERS_MAX = 512
const DIGITS_OF_A_CODE_MIN = 8
const DIGIT = /^[0-9]$/
/** What a person types on a keypad; everything else is a scanner's. */
const KEYPAD = /^[0-9+\-*/., ]$/

/** Of a `KeyboardEvent`. */
interface Key {
  readonly key: string
  readonly timeStamp: number
}

/**
 * Tells a scanner, which is a keyboard that types fast, from a person at a keypad. What it types must not move
 * the focus or press what has it: a code is data, whoever printed it.
 */
export class Scanner {
  private text = ''
  private isScan = false
  private lastMs = Number.NEGATIVE_INFINITY
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly onCode: (code: string) => void) {}

  /** True: the key belongs to a code, and nothing else is to be done with it. */
  takes({ key, timeStamp }: Key): boolean {
    if (key.length > 1 && key !== 'Enter') return false
    const sinceMs = timeStamp - this.lastMs
    if (sinceMs > PAUSE_MS) this.end()
    this.lastMs = timeStamp
    const isFast = sinceMs < FAST_MS
    if (key === 'Enter') {
      const isCode = this.isScan || (isFast && this.text.length >= DIGITS_OF_A_CODE_MIN)
      this.isScan = isCode
      this.end()
      return isCode
    }
    // A sign at once after a digit is a code's: nobody changes keys so fast.
    if (!KEYPAD.test(key) || (isFast && !DIGIT.test(key) && DIGIT.test(this.text.slice(-1))))
      this.isScan = true
    if (this.text.length < CHARACTERS_MAX) this.text += key
    // Some scanners end with no Enter.
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.end(), PAUSE_MS)
    return this.isScan
  }

  private end(): void {
    clearTimeout(this.timer)
    const { text, isScan } = this
    this.text = ''
    this.isScan = false
    if (isScan) this.onCode(text)
  }
}

/** The NIK in a scanned code; undefined where there is none, or more than one that it could be. */
export function nikIn(code: string): string | undefined {
  const named = /NIK\W{0,3}(\d{16})(?!\d)/i.exec(code)
  if (named !== null) return named[1]
  return onlyNik(code) ?? onlyNik(code.replace(/(?<=\d)[ .-](?=\d)/g, ''))
}

function onlyNik(code: string): string | undefined {
  const numbers = new Set(code.match(/(?<!\d)\d{16}(?!\d)/g))
  return numbers.size === 1 ? [...numbers][0] : undefined
}
