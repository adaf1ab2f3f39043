import { z } from 'zod'
import './meta.ts'
import { timeOfDay } from './time-of-day.ts'
import { weekdays } from './weekdays.ts'

export const hoursSettings = z.strictObject({
  days: z
    .array(z.enum(weekdays))
    .min(1)
    .max(weekdays.length)
    .refine(list => new Set(list).size === list.length, 'names a day twice')
    .default([...weekdays])
    .meta({ restart: 'runtime', doc: 'Days on which the kiosk serves people.' }),
  from: timeOfDay.default('00:00').meta({
    restart: 'runtime',
    doc: 'From then on, in its time zone. Before, the first screen says when it opens; whoever has begun is served to the end.',
  }),
  to: timeOfDay.default('00:00').meta({
    restart: 'runtime',
    doc: 'Until then; the same as `from`: the whole day. Earlier than `from`: past midnight, into the next day.',
  }),
})
export type HoursSettings = z.infer<typeof hoursSettings>
