import type { Part } from './parts.ts'

export interface SpdxOptions {
  readonly variant: string
  readonly version: string
  /** Of the disk image. */
  readonly sha256: string
  readonly epochS: number
}

const UNKNOWN = 'NOASSERTION'

/** The bill of materials of an image: SPDX 2.3 as JSON (https://spdx.github.io/spdx-spec/v2.3/). Pure. */
export function spdxDocument(parts: readonly Part[], options: SpdxOptions): Record<string, unknown> {
  const { variant, version, sha256, epochS } = options
  const packages = parts.map((part, index) => ({ part, id: `SPDXRef-${part.from}-${index}` }))
  const refs = [...new Set(parts.flatMap(({ licences }) => licences.flatMap(ownNames)))].sort()
  const image = 'SPDXRef-image'
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `tunggal-${variant}-${version}`,
    documentNamespace: `urn:tunggal:image:${variant}:${version}:${sha256}`,
    creationInfo: {
      created: new Date(epochS * 1000).toISOString().replace('.000Z', 'Z'),
      creators: ['Tool: tunggal-image-build'],
    },
    packages: [
      {
        SPDXID: image,
        name: `tunggal-${variant}`,
        versionInfo: version,
        downloadLocation: UNKNOWN,
        filesAnalyzed: false,
        checksums: [{ algorithm: 'SHA256', checksumValue: sha256 }],
        licenseConcluded: UNKNOWN,
        licenseDeclared: UNKNOWN,
        copyrightText: UNKNOWN,
      },
      ...packages.map(({ part, id }) => packageOf(part, id)),
    ],
    hasExtractedLicensingInfos: refs.map(licenseId => ({
      licenseId,
      extractedText: `The text is in /usr/share/doc/*/copyright of the packages that name ${licenseId}.`,
    })),
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: image },
      ...packages.map(({ id }) => ({
        spdxElementId: image,
        relationshipType: 'CONTAINS',
        relatedSpdxElement: id,
      })),
    ],
  }
}

function packageOf({ from, name, version, licences, checksum }: Part, id: string): Record<string, unknown> {
  return {
    SPDXID: id,
    name,
    versionInfo: version,
    downloadLocation: UNKNOWN,
    filesAnalyzed: false,
    ...(checksum && { checksums: [{ algorithm: checksum.algorithm, checksumValue: checksum.hex }] }),
    licenseConcluded: UNKNOWN,
    licenseDeclared: licences.length === 0 ? UNKNOWN : licences.map(braced).join(' AND '),
    copyrightText: UNKNOWN,
    ...(from !== 'tunggal' && {
      externalRefs: [
        {
          referenceCategory: 'PACKAGE-MANAGER',
          referenceType: 'purl',
          referenceLocator: purlOf(from, name, version),
        },
      ],
    }),
  }
}

/** https://github.com/package-url/purl-spec */
function purlOf(from: 'debian' | 'npm', name: string, version: string): string {
  const at = encodeURIComponent(version)
  if (from === 'debian') return `pkg:deb/debian/${name}@${at}?arch=arm64`
  return `pkg:npm/${name.replace('@', '%40')}@${at}`
}

function braced(licence: string): string {
  return licence.includes(' ') && !licence.startsWith('(') ? `(${licence})` : licence
}

function ownNames(licence: string): string[] {
  return licence.match(/LicenseRef-[A-Za-z0-9.-]+/g) ?? []
}

/** The same for people: a line a part, with its licences. */
export function licenceList(parts: readonly Part[]): string {
  const lines = parts.map(({ from, name, version, licences }) => {
    const said = licences.length > 0 ? licences.join(', ') : whereSaid(from, name)
    return `${from}\t${name}\t${version}\t${said}`
  })
  return `${lines.join('\n')}\n`
}

function whereSaid(from: Part['from'], name: string): string {
  if (from === 'debian') return `see /usr/share/doc/${name}/copyright`
  return from === 'npm' ? `see its README` : 'see LICENSE'
}
