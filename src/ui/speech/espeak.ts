import { spawn } from 'node:child_process'
import { KioskError } from '../../base/errors.ts'
import type { VisitLanguage } from '../../record/visit-view.ts'
import type { Speaker } from './speaker.ts'

/** Slower than espeak-ng's own 175: many who listen hear a machine for the first time. */
const WORDS_A_MINUTE = 150
const RENDER_TIMEOUT_MS = 8000
/** Three minutes of speech; a screen full of text is one. */
const WAV_BYTES_MAX = 8 * 1024 * 1024
const HEADER_BYTES = 44
const VOICES: Readonly<Record<VisitLanguage, string>> = { id: 'id', en: 'en' }

/**
 * The voice of Debian's espeak-ng: one process a phrase, that ends with it. The text goes to its standard input,
 * because everybody on the machine can read the arguments of a process.
 */
export class Espeak implements Speaker {
  constructor(private readonly program = 'espeak-ng') {}

  render(text: string, language: VisitLanguage, signal: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new KioskError('speech/unavailable', { why }))
      if (signal.aborted) return fail('aborted')
      const child = spawn(
        this.program,
        ['-v', VOICES[language], '-s', String(WORDS_A_MINUTE), '--stdin', '--stdout'],
        {
          stdio: ['pipe', 'pipe', 'ignore'],
          env: { PATH: process.env.PATH, LANG: 'C.UTF-8' },
          signal: AbortSignal.any([signal, AbortSignal.timeout(RENDER_TIMEOUT_MS)]),
          killSignal: 'SIGKILL',
        },
      )
      const chunks: Buffer[] = []
      let bytes = 0
      child.stdout.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > WAV_BYTES_MAX) child.kill('SIGKILL')
        else chunks.push(chunk)
      })
      // It may be gone before it has read; `close` says so.
      child.stdin.on('error', () => {})
      child.on('error', error => fail((error as NodeJS.ErrnoException).code ?? error.name))
      child.on('close', code => {
        if (code !== 0 || bytes <= HEADER_BYTES) return fail(`exit ${code ?? 'by signal'}`)
        resolve(withLengths(Buffer.concat(chunks)))
      })
      child.stdin.end(plain(text))
    })
  }
}

/** Two brackets would begin phonemes. */
function plain(text: string): string {
  return text.replaceAll('[', '(').replaceAll(']', ')')
}

/** A program that writes into a pipe does not know how long the file becomes (RIFF: bytes 4 and 40). */
function withLengths(wav: Buffer): Uint8Array {
  wav.writeUInt32LE(wav.length - 8, 4)
  wav.writeUInt32LE(wav.length - HEADER_BYTES, 40)
  return wav
}
