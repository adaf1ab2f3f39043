import { copyFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Options } from 'tsup'

const resolve = createRequire(import.meta.url).resolve
const weights = [400, 700] as const

/** How the kiosk's page and its typeface come into `dist/page`: for the build, and for tests of the page. */
export const pageBuild = {
  entry: { page: 'src/ui/page/main.ts', claim: 'src/ui/page/claim.ts' },
  outDir: 'dist/page',
  publicDir: 'src/ui/page/static',
  format: 'iife',
  platform: 'browser',
  target: 'chrome120',
  minify: true,
  outExtension: () => ({ js: '.js' }),
  plugins: [
    {
      name: 'typeface',
      async buildEnd() {
        for (const weight of weights)
          await copyFile(
            resolve(
              `@fontsource/atkinson-hyperlegible/files/atkinson-hyperlegible-latin-${weight}-normal.woff2`,
            ),
            join(this.options.outDir, `type-${weight}.woff2`),
          )
        await copyFile(
          resolve('@fontsource/atkinson-hyperlegible/LICENSE'),
          join(this.options.outDir, 'type-licence.txt'),
        )
      },
    },
  ],
} satisfies Options
