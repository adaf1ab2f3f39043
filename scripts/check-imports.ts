/**
 * Enforces DESIGN § 3: which folder may import which, that a package that talks to the world is
 * imported in one folder only, and that the engine calls no transcendental `Math` function (they
 * differ in the last bit between processors).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

const root = join(import.meta.dirname, '..')

/** Folder → what it may import; its own files are always allowed. */
const allowed: Record<string, readonly string[]> = {
  'src/base': [],
  'src/finger': ['src/base'],
  'src/mqtt': ['src/base'],
  'src/kv': ['src/base'],
  'src/keys': ['src/base'],
  'src/settings': ['src/base'],
  'hal/ports': ['src/base', 'src/finger/image'],
  'hal/transport': ['hal/ports', 'src/base'],
  'hal/drivers': ['hal/ports', 'src/finger/image', 'src/base'],
  'hal/sim': ['hal/ports', 'hal/drivers', 'src/finger', 'src/base'],
  'hal/board': ['hal/ports', 'hal/transport', 'hal/drivers', 'hal/sim', 'src/base'],
  'src/record': ['src/finger', 'src/base'],
  'src/seal': ['src/record', 'src/keys', 'src/base'],
  'src/store': ['src/kv', 'src/record', 'src/finger', 'src/base'],
  'src/relay': ['src/mqtt', 'src/store', 'src/seal', 'src/record', 'src/base'],
  'src/config': ['src/settings', 'src/seal', 'src/mqtt', 'src/base'],
  'src/enrolment': [
    'hal/ports',
    'src/finger',
    'src/record',
    'src/seal',
    'src/store',
    'src/settings',
    'src/base',
  ],
  'src/health': ['hal/ports', 'src/store', 'src/relay', 'src/mqtt', 'src/settings', 'src/base'],
  'src/page': [],
  'src/ui': ['src/page', 'src/record', 'src/settings', 'src/base'],
  'src/abis': ['src/mqtt', 'src/kv', 'src/finger', 'src/record', 'src/seal', 'src/keys', 'src/base'],
  'src/fleet': [
    'src/page',
    'src/mqtt',
    'src/kv',
    'src/record',
    'src/seal',
    'src/settings',
    'src/keys',
    'src/base',
  ],
  firmware: ['src/config', 'src/settings', 'src/keys', 'src/seal', 'src/base'],
  'src/kiosk.ts': ['src', 'hal', 'firmware'],
  'src/kiosk': ['src', 'hal', 'firmware'],
  'src/cli': ['src', 'hal', 'firmware'],
  scripts: ['src', 'hal', 'firmware', 'test'],
  test: ['src', 'hal', 'firmware', 'scripts'],
}

/** Package → the one folder that imports it, beside the tests. */
const packageOwners: Record<string, string> = {
  mqtt: 'src/mqtt',
  level: 'src/kv',
  jose: 'src/seal',
  '@peculiar/x509': 'src/keys',
  onoff: 'hal/transport',
  'i2c-bus': 'hal/transport',
  serialport: 'hal/transport',
  'johnny-five': 'hal/transport',
  aedes: 'scripts',
}

const TRANSCENDENTAL =
  /\bMath\.(sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|asinh|acosh|atanh|exp|expm1|pow|log|log2|log10|log1p|cbrt|hypot)\b|\*\*/

function files(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map(name => join(folder, name))
}

/** The row of the table that a file belongs to: the longest name that it starts with. */
function folderOf(file: string): string | undefined {
  return Object.keys(allowed)
    .filter(folder => file === folder || file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0]
}

const complaints: string[] = []
let checked = 0
for (const file of ['src', 'hal', 'firmware', 'scripts', 'test'].flatMap(files)) {
  checked++
  const folder = folderOf(file)
  if (folder === undefined) {
    complaints.push(`${file}: is in no folder of DESIGN § 3`)
    continue
  }
  const source = readFileSync(join(root, file), 'utf8')
  for (const [, name] of source.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*['"]([^'"]+)['"]/g)) {
    if (name.startsWith('.')) {
      const target = normalize(join(dirname(file), name))
      if (target === 'package.json' || target.startsWith(`${folder}/`)) continue
      if (!allowed[folder].some(prefix => target === prefix || target.startsWith(`${prefix}/`)))
        complaints.push(`${file}: ${folder} may not import ${target}`)
      continue
    }
    const owner =
      packageOwners[name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : name.split('/')[0]]
    if (owner !== undefined && folder !== owner && folder !== 'test')
      complaints.push(`${file}: ${name} is imported in ${owner} only`)
  }
  if (folder === 'src/finger' && !file.startsWith('src/finger/kernels/assembly/')) {
    source.split('\n').forEach((line, index) => {
      const code = line.replace(/^\s*(\/\/|\*|\/\*).*$/, '').replace(/\/\/.*$/, '')
      if (TRANSCENDENTAL.test(code))
        complaints.push(
          `${file}:${index + 1}: differs in the last bit between processors; use kernels/elementary.ts`,
        )
    })
  }
}
for (const complaint of complaints) console.error(complaint)
console.error(`${checked} files checked, ${complaints.length} complaints`)
process.exitCode = complaints.length > 0 ? 1 : 0
