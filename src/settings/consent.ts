import { z } from 'zod'
import './meta.ts'

export const consentSettings = z.strictObject({
  version: z.string().min(1).max(32).default('2026-1').meta({
    restart: 'runtime',
    doc: 'Version of the consent text that citizens agree to; stands in every record.',
  }),
  controller: z
    .string()
    .min(1)
    .max(80)
    .default('Ditjen Dukcapil')
    .meta({ restart: 'runtime', doc: 'Who is responsible for the data, as the consent text names them.' }),
})
export type ConsentSettings = z.infer<typeof consentSettings>
