import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Options } from 'tsup'

const resolve = createRequire(import.meta.url).resolve
const weights = [400, 700] as const

const common = {
  format: 'iife',
  platform: 'browser',
  target: 'chrome120',
  minify: true,
  outExtension: () => ({ js: '.js' }),
  plugins: [
    {
      name: 'look',
      /** What both pages look like: colours and typeface. */
      async buildEnd(this: { options: { outDir: string } }) {
        const { outDir } = this.options
        await copyFile('src/page/tokens.css', join(outDir, 'tokens.css'))
        for (const weight of weights)
          await copyFile(
            resolve(
              `@fontsource/atkinson-hyperlegible/files/atkinson-hyperlegible-latin-${weight}-normal.woff2`,
            ),
            join(outDir, `type-${weight}.woff2`),
          )
        await copyFile(resolve('@fontsource/atkinson-hyperlegible/LICENSE'), join(outDir, 'type-licence.txt'))
      },
    },
  ],
} satisfies Options

/** In the order in which they count. */
const sheets = ['frame', 'screens', 'fingers', 'panels', 'room', 'claim', 'starting']

/** The kiosk's page asks for one style sheet, whose chapters are files of their own. */
const styles = {
  name: 'styles',
  async buildEnd(this: { options: { outDir: string } }) {
    const texts = await Promise.all(sheets.map(name => readFile(`src/ui/page/styles/${name}.css`, 'utf8')))
    await writeFile(join(this.options.outDir, 'page.css'), texts.join(''))
  },
}

/** How the kiosk's page comes into `dist/page`: for the build, and for tests of the page. */
export const pageBuild = {
  ...common,
  entry: { page: 'src/ui/page/main.ts', claim: 'src/ui/page/claim.ts', starting: 'src/ui/page/starting.ts' },
  outDir: 'dist/page',
  plugins: [...common.plugins, styles],
  publicDir: 'src/ui/page/static',
} satisfies Options

/** How the page of operations comes into `dist/fleet-page`. */
export const fleetPageBuild = {
  ...common,
  entry: { page: 'src/fleet/page/main.ts' },
  outDir: 'dist/fleet-page',
  publicDir: 'src/fleet/page/static',
} satisfies Options
