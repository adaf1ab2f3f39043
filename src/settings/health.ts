import { z } from 'zod'
import { logLevels } from '../base/log.ts'
import './meta.ts'

export const healthSettings = z.strictObject({
  telemetryIntervalMs: z
    .int()
    .min(5_000)
    .max(24 * 3_600_000)
    .default(60_000)
    .meta({
      unit: 'ms',
      restart: 'runtime',
      doc: 'How often the kiosk tells operations how it is. What changes is told at once.',
    }),
  metricsPort: z.int().min(0).max(65_535).default(0).meta({
    restart: 'runtime',
    doc: 'Port on 127.0.0.1 at which a Prometheus on this machine reads `/metrics`. 0: none.',
  }),
  onTamper: z.enum(['alarm', 'erase']).default('alarm').meta({
    restart: 'runtime',
    doc: 'When the housing is opened without the service key: tell operations, or also erase the data key. What was sealed stays deliverable; templates and records here become unreadable for ever, and the kiosk needs new keys.',
  }),
  logLevel: z.enum(logLevels).default('info').meta({
    doc: 'The mildest lines that go into the log. `info` tells every step of a visit, `warn` what somebody should look at.',
  }),
})
export type HealthSettings = z.infer<typeof healthSettings>
