import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectFolder } from '../../project.ts'
import type { DebianPackage } from '../debian-root.ts'
import { debianLicences } from './debian-licences.ts'

/** One thing on a slot that somebody else made. */
export interface Part {
  readonly from: 'debian' | 'npm' | 'tunggal'
  readonly name: string
  readonly version: string
  /** SPDX identifiers or names of our own (`LicenseRef-…`); empty: its file says it in prose. */
  readonly licences: readonly string[]
  readonly checksum?: { readonly algorithm: 'SHA256' | 'SHA512'; readonly hex: string }
}

/** As far as it is read here. */
interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>
}
export interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly license?: string
  readonly integrity?: string
}

/** Packages of npm that a kiosk has, by their folder in the checkout; those for other machines are not installed. */
export async function lockedPackages(): Promise<readonly (readonly [path: string, LockedPackage])[]> {
  const project = projectFolder()
  const lock = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8')) as Lock
  return Object.entries(lock.packages).filter(
    ([path, { dev = false }]) => path !== '' && !dev && existsSync(join(project, path)),
  )
}

/** Everything that is on a slot, in name order. `root`: the tree of the slot. */
export async function partsOf(
  root: string,
  { debian, version }: { readonly debian: readonly DebianPackage[]; readonly version: string },
): Promise<readonly Part[]> {
  const own: Part = { from: 'tunggal', name: 'tunggal', version, licences: [] }
  const packages = debian.map(async ({ name, version, sha256 }): Promise<Part> => {
    const text = await readFile(join(root, 'usr/share/doc', name, 'copyright'), 'utf8').catch(() => '')
    const checksum = { algorithm: 'SHA256', hex: sha256 } as const
    return { from: 'debian', name, version, licences: debianLicences(text), checksum }
  })
  const modules = (await lockedPackages()).map(async ([path, locked]): Promise<Part> => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const licence = locked.license ?? (await declaredLicence(path))
    return {
      from: 'npm',
      name,
      version: locked.version ?? '',
      licences: licence === undefined ? [] : [licence],
      ...checksumOf(locked.integrity),
    }
  })
  return [own, ...(await Promise.all([...packages, ...modules])).sort(byName)]
}

async function declaredLicence(path: string): Promise<string | undefined> {
  const text = await readFile(join(projectFolder(), path, 'package.json'), 'utf8')
  const { license } = JSON.parse(text) as { license?: unknown }
  return typeof license === 'string' ? license : undefined
}

function checksumOf(integrity = ''): Pick<Part, 'checksum'> {
  const [, base64] = /^sha512-(.+)$/.exec(integrity) ?? []
  if (base64 === undefined) return {}
  return { checksum: { algorithm: 'SHA512', hex: Buffer.from(base64, 'base64').toString('hex') } }
}

function byName(a: Part, b: Part): number {
  const [left, right] = [a, b].map(({ from, name, version }) => `${from} ${name} ${version}`)
  return left < right ? -1 : left > right ? 1 : 0
}
