import { join, parse } from 'node:path'
import { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import { THRESHOLD } from '../../finger/compare/compare.ts'
import { Gallery } from '../../finger/prefilter/gallery.ts'
import type { Command, Context } from '../command.ts'
import { EXIT, type ExitCode, worst } from '../exit-code.ts'
import { listFolder } from '../files.ts'
import { type ImageOptions, imageOptions } from './image-options.ts'
import { elapsedSince, readIfFinger, readTemplate } from './sample.ts'

const options = z.strictObject({
  gallery: z.string().min(1).meta({ doc: 'Folder of images or templates, one finger a file.', value: 'DIR' }),
  limit: z.coerce.number().int().min(1).max(1000).default(10).meta({ doc: 'How many candidates to list.' }),
  ...imageOptions,
})

/** Each probe against the whole gallery. What cannot be read gets its line, and the others go on. */
export const fingerIdentify: Command<typeof options> = {
  name: 'finger identify',
  summary: 'Search a folder of fingers for each probe; candidates best first',
  options,
  args: [{ name: 'PROBE', doc: 'An image, or a template.', many: true }],
  async run(context, { gallery: folder, limit, ...imageOptions }, probes) {
    const { gallery, code: galleryCode } = await openGallery(context, folder, imageOptions)
    let code = galleryCode
    for (const probe of probes) {
      context.signal.throwIfAborted()
      try {
        const template = await readTemplate(probe, imageOptions)
        const startMs = performance.now()
        const { candidates, compared } = gallery.search(template, { limit })
        const elapsedMs = elapsedSince(startMs)
        const [best] = candidates
        context.print(
          { probe, candidates, gallerySize: gallery.size, compared, elapsedMs },
          best !== undefined && best.score >= THRESHOLD
            ? `${probe}: ${best.id}, score ${best.score.toFixed(1)}`
            : `${probe}: nobody in this gallery${best === undefined ? '' : ` (nearest ${best.id}, ${best.score.toFixed(1)})`}`,
        )
      } catch (error) {
        code = worst(code, context.failed(error))
      }
    }
    return code
  },
}

async function openGallery(
  context: Context,
  folder: string,
  options: ImageOptions,
): Promise<{ gallery: Gallery; code: ExitCode }> {
  const gallery = new Gallery()
  const fileOf = new Map<string, string>()
  let code: ExitCode = EXIT.ok
  const names = await listFolder(folder)
  for (const [index, name] of names.entries()) {
    context.signal.throwIfAborted()
    context.progress(`gallery: ${index + 1} of ${names.length}`)
    try {
      const template = await readIfFinger(join(folder, name), options)
      if (template === undefined) continue
      const id = parse(name).name
      const other = fileOf.get(id)
      if (other !== undefined)
        throw new KioskError('usage/bad-option', {
          why: `${other} and ${name} in the gallery have the same id`,
        })
      gallery.add(id, template)
      fileOf.set(id, name)
    } catch (error) {
      code = worst(code, context.failed(error))
    }
  }
  context.progress('')
  return { gallery, code }
}
