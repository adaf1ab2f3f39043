import { z } from 'zod'
import './meta.ts'

const pinHash = z
  .string()
  .regex(/^scrypt:[\w-]{22}:[\w-]{43}$/, 'must be what `tunggal keys pin` prints')
  .optional()

export const uiSettings = z.strictObject({
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(8080)
    .meta({ restart: 'runtime', doc: 'Port of the page on 127.0.0.1. 0: any free one.' }),
  idleAfterMs: z.int().min(10_000).max(600_000).default(60_000).meta({
    unit: 'ms',
    doc: 'Without a touch for this long, the kiosk asks whether somebody is still there.',
  }),
  countDownMs: z.int().min(10_000).max(300_000).default(30_000).meta({
    unit: 'ms',
    doc: 'After that question, the visit ends and is wiped when nobody answers for this long.',
  }),
  farewellMs: z.int().min(5_000).max(300_000).default(45_000).meta({
    unit: 'ms',
    doc: 'How long the last screen, with the record id and QR, stays unless somebody touches "finish".',
  }),
  sameKeyAfterMs: z.int().min(0).max(2_000).default(0).meta({
    unit: 'ms',
    restart: 'runtime',
    doc: 'The same key or button again within this time is one that trembled, and counts once (EN 301 549 asks for up to 500). 0: every one counts.',
  }),
  officerPin: pinHash.meta({
    restart: 'runtime',
    secret: true,
    doc: 'For staff who help at the kiosk: what `tunggal keys pin` made of the PIN. Absent: nobody can say that they came.',
  }),
  technicianPin: pinHash.meta({
    restart: 'runtime',
    secret: true,
    doc: 'For the screen of technicians, likewise; where the board has a service key, it must be turned too.',
  }),
  pinTriesMax: z
    .int()
    .min(3)
    .max(20)
    .default(5)
    .meta({ restart: 'runtime', doc: 'So many wrong PINs lock all PINs out, restarts included.' }),
  pinLockMs: z
    .int()
    .min(60_000)
    .max(24 * 3_600_000)
    .default(15 * 60_000)
    .meta({ unit: 'ms', restart: 'runtime', doc: 'For how long.' }),
})
export type UiSettings = z.infer<typeof uiSettings>
