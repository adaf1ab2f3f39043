import { z } from 'zod'
import { IMAGE_BYTES_MAX } from '../../finger/image/limits.ts'
import { readInterchange, writableFormats, writeInterchange } from '../../finger/template/interchange.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { readInput, writeOutput } from '../files.ts'
import { named } from './sample.ts'

const options = z.strictObject({
  output: z.string().min(1).meta({ doc: 'The new template goes here.', short: 'o', value: 'FILE' }),
  format: z.enum(writableFormats).meta({ doc: 'ISO/IEC 19794-2:2005, or ANSI/INCITS 378-2004.' }),
})

export const fingerConvert: Command<typeof options> = {
  name: 'finger convert',
  summary: 'Turn a template of one format into another, all its fingers',
  options,
  args: [{ name: 'IN', doc: 'ISO/IEC 19794-2:2005 or :2011, ANSI/INCITS 378-2004, -2007 or -2009.' }],
  async run({ print }, { output, format }, [input]) {
    const bytes = await readInput(input, IMAGE_BYTES_MAX)
    const record = named(input, () => readInterchange(bytes))
    await writeOutput(output, writeInterchange(record.views, format))
    const fingers = record.views.length
    const minutiae = record.views.reduce((sum, { template }) => sum + template.count, 0)
    print(
      { in: input, out: output, from: record.format, to: format, fingers, minutiae },
      `${output}: ${record.format} to ${format}, fingers: ${fingers}, minutiae: ${minutiae}`,
    )
    return EXIT.ok
  },
}
