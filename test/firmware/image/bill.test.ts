/** Goal: whoever has an image knows what is in it and under which licence. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { debianLicences } from '../../../firmware/image/bill/debian-licences.ts'
import { partsOf } from '../../../firmware/image/bill/parts.ts'
import { licenceList, spdxDocument } from '../../../firmware/image/bill/spdx.ts'

const head = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n'

t.test('licences of a Debian package', async t => {
  const text = `${head}\nFiles: *\nCopyright: somebody\nLicense: LGPL-2.1+\n\nFiles: b\nLicense: GPL-2 or Expat\n\nLicense: GPL-2+ with Autoconf exception\n text\n`
  t.same(debianLicences(text), [
    'GPL-2.0-only',
    'LGPL-2.1-or-later',
    'LicenseRef-Debian-GPL-2-with-Autoconf-exception',
    'MIT',
  ])
  t.same(debianLicences('This is the GNU C Library.\nLicense: yes\n'), [], 'prose is not guessed at')
})

t.test('the bill of an image', async t => {
  const root = t.testdir()
  await mkdir(join(root, 'usr/share/doc/zlib1g'), { recursive: true })
  await writeFile(join(root, 'usr/share/doc/zlib1g/copyright'), `${head}License: zlib\n`)
  const debian = [
    { name: 'zlib1g', version: '1:1.2.13', sha256: 'a'.repeat(64), size: 1 },
    { name: 'libc6', version: '2.36', sha256: 'b'.repeat(64), size: 1 },
  ]
  const parts = await partsOf(root, { debian, version: '1.0.0' })
  t.ok(
    parts.some(
      ({ from, name, checksum }) => from === 'npm' && name === 'mqtt' && checksum?.hex.length === 128,
    ),
  )
  t.notOk(
    parts.some(({ name }) => name === 'tap'),
    'what only builds and tests is not on a kiosk',
  )
  const document = spdxDocument(parts, {
    variant: 'virt',
    version: '1.0.0',
    sha256: 'c'.repeat(64),
    epochS: 0,
  })
  const packages = document.packages as { SPDXID: string; name: string }[]
  t.equal(new Set(packages.map(({ SPDXID }) => SPDXID)).size, parts.length + 1)
  t.match(
    packages.find(({ name }) => name === 'zlib1g'),
    {
      versionInfo: '1:1.2.13',
      licenseDeclared: 'Zlib',
      checksums: [{ algorithm: 'SHA256', checksumValue: 'a'.repeat(64) }],
      externalRefs: [{ referenceLocator: 'pkg:deb/debian/zlib1g@1%3A1.2.13?arch=arm64' }],
    },
  )
  t.match(
    packages.find(({ name }) => name === 'libc6'),
    { licenseDeclared: 'NOASSERTION' },
  )
  const relationships = document.relationships as { relatedSpdxElement: string }[]
  t.same(
    new Set(relationships.map(({ relatedSpdxElement }) => relatedSpdxElement)),
    new Set(packages.map(({ SPDXID }) => SPDXID)),
    'everything is in the image',
  )
  const list = licenceList(parts)
  t.match(list, /^debian\tlibc6\t2\.36\tsee \/usr\/share\/doc\/libc6\/copyright$/m)
  t.match(list, /^npm\tmqtt\t[\d.]+\tMIT$/m)
})
