import { z } from 'zod'
import { systemClock } from '../../base/clock.ts'
import { openKiosk } from '../../kiosk.ts'
import { parseNik } from '../../record/nik.ts'
import type { Command } from '../command.ts'
import { askLocal } from '../local/ask-local.ts'
import { readFingerImages } from './finger-images.ts'
import { asLine, type StatusLine, statusText } from './follow.ts'
import { enrolAndFollow, requestOf } from './image-enrolment.ts'
import { kioskOptions, readSettings, stderrLog } from './kiosk-options.ts'

const options = z.strictObject({
  ...kioskOptions,
  images: z.string().min(1).meta({ doc: 'Folder of images, in name order, one a finger.', value: 'DIR' }),
  nik: z.string().meta({ doc: 'The 16 digits of the citizen.', value: 'N' }),
  wait: z.coerce
    .number()
    .min(0)
    .max(86_400)
    .default(0)
    .meta({ doc: "Stay until the centre's verdict, at most this long.", value: 'SECONDS' }),
  dpi: z.coerce
    .number()
    .min(100)
    .max(2_000)
    .optional()
    .meta({ doc: 'Resolution of the images.', value: 'N' }),
})

export const enrol: Command<typeof options> = {
  name: 'enrol',
  summary:
    'Enrol one citizen from image files: 0 once the record is safe here (with --wait: once it is print-ready)',
  options,
  async run(context, options) {
    const nik = parseNik(options.nik)
    const settings = await readSettings(options)
    const frames = await readFingerImages(options.images, settings.capture.plan, { dpi: options.dpi })
    const waitMs = Math.round(options.wait * 1000)
    const print = (line: StatusLine) => context.print(asLine(line), statusText(line))
    const { signal } = context
    const asked = await askLocal(options.data, 'kiosk', requestOf(nik, frames, waitMs), context)
    if (asked !== undefined) return asked
    const kiosk = await openKiosk({
      data: options.data,
      settings,
      clock: systemClock,
      log: stderrLog({ quiet: true }),
    })
    try {
      return await enrolAndFollow(kiosk, { nik, frames, waitMs, signal, print })
    } finally {
      await kiosk.close()
    }
  },
}
