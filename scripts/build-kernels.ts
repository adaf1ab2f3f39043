/**
 * Compiles each file of `src/finger/kernels/assembly` (AssemblyScript) to WebAssembly and writes it, as
 * base64 in a TypeScript file, beside the folder: the engine needs no file at run time, and a reader of
 * the package sees what runs. `test/finger/kernels/build.test.ts` fails while source and result differ.
 *
 *     node --import tsx scripts/build-kernels.ts
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

const kernels = join(import.meta.dirname, '../src/finger/kernels')

/** No relaxed SIMD, ever: its results differ between processors. */
const FLAGS = ['--enable', 'simd', '-O3', '--converge', '--noAssert', '--runtime', 'stub', '--use', 'abort=']

/** Beside the flags above: a memory that several workers may share. Name of the file → flags. */
const EXTRA_FLAGS: Readonly<Record<string, readonly string[]>> = {
  search: [
    ...['--enable', 'threads', '--importMemory', '--sharedMemory', '--zeroFilledMemory'],
    ...['--initialMemory', '1', '--maximumMemory', '65536'],
  ],
}

/** Path of each generated file → what it must hold. Compiles all at once, some seconds each. */
export async function generatedKernels(): Promise<Map<string, string>> {
  const sources = readdirSync(join(kernels, 'assembly')).filter(file => file.endsWith('.ts'))
  const texts = sources.sort().map(async file => {
    const name = basename(file, '.ts')
    const wasm = await compile(join('assembly', file), EXTRA_FLAGS[name] ?? [])
    return [join(kernels, `${name}.generated.ts`), moduleText(file, wasm)] as const
  })
  return new Map(await Promise.all(texts))
}

async function compile(entry: string, extra: readonly string[]): Promise<Uint8Array> {
  // A process of its own: the compiler's types declare globals that are not this program's.
  const compiler = join(import.meta.dirname, '../node_modules/assemblyscript/bin/asc.js')
  const folder = mkdtempSync(join(tmpdir(), 'kernels-'))
  try {
    const outFile = join(folder, 'kernel.wasm')
    const command = [compiler, entry, '--outFile', outFile, ...FLAGS, ...extra]
    await promisify(execFile)(process.execPath, command, { cwd: kernels })
    return readFileSync(outFile)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function moduleText(file: string, wasm: Uint8Array): string {
  const base64 = Buffer.from(wasm).toString('base64')
  const lines = base64.match(/.{1,100}/g) ?? []
  const text = lines.map(line => `  '${line}'`).join(' +\n')
  return `// Generated from assembly/${file} by scripts/build-kernels.ts: change it there.\n\n/** A WebAssembly module, base64. */\nexport const wasmBase64 =\n${text}\n`
}

if (process.argv[1] === import.meta.filename) {
  for (const [path, text] of await generatedKernels()) {
    writeFileSync(path, text)
    console.error(`${basename(path)}: ${text.length} bytes`)
  }
}
