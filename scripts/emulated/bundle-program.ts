import { basename, join } from 'node:path'
import { build } from 'tsup'

/** Bundles a program for the machine into `folder`: `NAME.js`. Only what has native code is left to its packages. */
export async function bundleProgram(entry: string, folder: string): Promise<void> {
  await build({
    entry: { [basename(entry, '.ts')]: entry },
    outDir: folder,
    format: 'esm',
    target: 'node20',
    config: false,
    silent: true,
    external: ['i2c-bus', 'onoff', 'serialport', 'level', 'johnny-five'],
    // tap's CommonJS parts ask for `require`, and for one package that prints React elements: nobody tests any here.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    esbuildPlugins: [
      {
        name: 'without-react',
        setup(builder) {
          builder.onLoad({ filter: /tcompare.*react-element-to-jsx-string\.js$/ }, () => ({
            contents: 'export default element => String(element)',
          }))
        },
      },
    ],
    tsconfig: join(import.meta.dirname, '../../tsconfig.json'),
  })
}
