import { fileURLToPath } from 'node:url'

/** Built beside the program; when run from source, what `npm run build` made last. */
export const PAGE_ASSETS = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/page' : './page', import.meta.url),
)
