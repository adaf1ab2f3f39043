import { z } from 'zod'
import './meta.ts'

/** Languages that a citizen may choose. A new one is a file of texts more. */
export const languages = ['id', 'en'] as const
export type Language = (typeof languages)[number]

export const kioskSettings = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9-]{4,36}$/, 'must be 4 to 36 of a-z, 0-9 and -')
    .default('kiosk-demo')
    .meta({
      restart: 'runtime',
      doc: "Name of this kiosk on the broker. Must equal the common name of the kiosk's certificate.",
    }),
  site: z
    .string()
    .min(1)
    .max(60)
    .default('Kantor Dukcapil (demo)')
    .meta({ restart: 'runtime', doc: 'Where the kiosk stands, as printed on the receipt.' }),
  province: z
    .string()
    .regex(/^([0-9]{2})?$/, 'must be the two digits of a province, or empty')
    .default('')
    .meta({
      restart: 'runtime',
      doc: 'Two-digit region code of the province. Empty: not told to the fleet.',
    }),
  groups: z
    .array(z.string().regex(/^[a-z0-9-]{1,36}$/, 'must be 1 to 36 of a-z, 0-9 and -'))
    .max(16)
    .default([])
    .meta({ restart: 'runtime', doc: 'Groups that operations roll out configuration and images to.' }),
  languages: z
    .array(z.enum(languages))
    .min(1)
    .max(languages.length)
    .refine(list => new Set(list).size === list.length, 'names a language twice')
    .default(['id', 'en'])
    .meta({
      restart: 'runtime',
      doc: 'Languages offered to citizens. The first is shown until one is chosen.',
    }),
  timeZone: z
    .enum(['Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura'])
    .default('Asia/Jakarta')
    .meta({ restart: 'runtime', doc: 'For times on screen and receipt (WIB, WITA, WIT). Records hold UTC.' }),
})
export type KioskSettings = z.infer<typeof kioskSettings>
