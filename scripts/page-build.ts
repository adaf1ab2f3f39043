import type { Options } from 'tsup'

/** How the kiosk's page becomes three files in `dist/page`: for the build, and for tests of the page. */
export const pageBuild = {
  entry: { page: 'src/ui/page/main.ts' },
  outDir: 'dist/page',
  publicDir: 'src/ui/page/static',
  format: 'iife',
  platform: 'browser',
  target: 'chrome120',
  minify: true,
  outExtension: () => ({ js: '.js' }),
} as const satisfies Options
