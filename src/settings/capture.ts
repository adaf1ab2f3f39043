import { z } from 'zod'
import './meta.ts'

export const captureSettings = z.strictObject({
  plan: z
    .array(z.int().min(1).max(10))
    .min(1)
    .max(10)
    .refine(plan => new Set(plan).size === plan.length, 'names a finger twice')
    .default([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    .meta({
      doc: 'Fingers asked for, in this order. ISO codes: 1-5 right thumb to little finger, 6-10 left.',
    }),
  attemptsMax: z.int().min(1).max(10).default(3).meta({
    doc: 'Tries a finger gets to reach the quality threshold; then the best one is kept, marked forced.',
  }),
  qualityMin: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .meta({ doc: "Quality that ends a finger's tries. Absent: the engine's own threshold." }),
  timeoutMs: z
    .int()
    .min(1_000)
    .max(120_000)
    .default(20_000)
    .meta({ unit: 'ms', doc: 'How long the sensor waits for a finger before the citizen is asked again.' }),
  sampleTimeoutMs: z
    .int()
    .min(100)
    .max(60_000)
    .default(10_000)
    .meta({ unit: 'ms', doc: 'How long the engine may take over one image before it counts as failed.' }),
  wrongFingerAttemptsMax: z.int().min(1).max(10).default(2).meta({
    doc: 'Times a citizen is asked for another finger when this one was given before in the same visit; then it is kept, with a note for staff.',
  }),
  includeImage: z
    .boolean()
    .default(false)
    .meta({ doc: 'Send the lossless image of each finger with its template, for an ABIS that wants it.' }),
})
export type CaptureSettings = z.infer<typeof captureSettings>
