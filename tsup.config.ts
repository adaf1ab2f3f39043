import { defineConfig } from 'tsup'
import { fleetPageBuild, pageBuild } from './scripts/page-build.ts'

export default defineConfig([
  {
    entry: { finger: 'src/finger/index.ts' },
    format: 'esm',
    target: 'node20',
    dts: true,
    clean: true,
    // Its tables become one string each: fewer steps before the first result.
    esbuildOptions(options) {
      options.minifySyntax = true
    },
  },
  {
    entry: {
      tunggal: 'src/cli/main.ts',
      'engine-thread': 'src/finger/worker/engine-thread.ts',
      'search-thread': 'src/finger/worker/search-thread.ts',
    },
    format: 'esm',
    target: 'node20',
    banner: { js: '#!/usr/bin/env node' },
    // Optional dependencies: left to Node to find, where they could be installed.
    external: ['i2c-bus', 'onoff'],
  },
  pageBuild,
  fleetPageBuild,
])
