/**
 * Licences in a Debian copyright file of the machine-readable kind (copyright-format 1.0), by SPDX's identifiers where
 * the two mean the same, else as `LicenseRef-Debian-…`. None for a file in prose.
 */
export function debianLicences(copyright: string): readonly string[] {
  if (!/^Format:/m.test(copyright)) return []
  const names = [...copyright.matchAll(/^License:[ \t]*(\S.*)$/gm)].flatMap(([, name]) =>
    name.split(/\s+(?:and|or|and\/or)\s+|[,;]\s*/),
  )
  return [...new Set(names.map(name => identifierOf(name.trim())).filter(name => name !== ''))].sort()
}

/** Debian's short names that are not SPDX's, lower-case. */
const SPDX: Readonly<Record<string, string>> = {
  expat: 'MIT',
  mit: 'MIT',
  'mit/x11': 'MIT',
  isc: 'ISC',
  x11: 'X11',
  zlib: 'Zlib',
  curl: 'curl',
  openssl: 'OpenSSL',
  artistic: 'Artistic-1.0-Perl',
  'artistic-2.0': 'Artistic-2.0',
  'apache-2': 'Apache-2.0',
  'apache-2.0': 'Apache-2.0',
  'bsd-2-clause': 'BSD-2-Clause',
  'bsd-3-clause': 'BSD-3-Clause',
  'bsd-4-clause': 'BSD-4-Clause',
  'bsd-4-clause-uc': 'BSD-4-Clause-UC',
  'cc0-1.0': 'CC0-1.0',
  fsfap: 'FSFAP',
  fsfullr: 'FSFULLR',
  beerware: 'Beerware',
  'openldap-2.8': 'OLDAP-2.8',
  'mpl-2.0': 'MPL-2.0',
  psf: 'PSF-2.0',
}

function identifierOf(name: string): string {
  const known = SPDX[name.toLowerCase()]
  if (known !== undefined) return known
  const [, family, number, orLater] = /^(A?L?GPL)-?v?([123](?:\.[01])?)(\+?)$/i.exec(name) ?? []
  if (family !== undefined) {
    const version = number.includes('.') ? number : `${number}.0`
    return `${family.toUpperCase()}-${version}-${orLater === '+' ? 'or-later' : 'only'}`
  }
  const plain = name.replace(/[^A-Za-z0-9.-]+/g, '-').replace(/^-+|-+$/g, '')
  return plain === '' ? '' : `LicenseRef-Debian-${plain}`
}
