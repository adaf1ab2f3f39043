import { z } from 'zod'
import './meta.ts'

export const brokerSettings = z
  .strictObject({
    url: z
      .string()
      .max(300)
      .regex(/^mqtts?:\/\/[^\s/@]+\/?$/, 'must be mqtt://HOST:PORT or mqtts://HOST:PORT')
      .default('mqtt://127.0.0.1:1883')
      .meta({ restart: 'part', doc: 'The MQTT 5 broker. `mqtts` outside of a demo.' }),
    keepAliveSeconds: z
      .int()
      .min(5)
      .max(1_200)
      .default(60)
      .meta({ unit: 's', restart: 'part', doc: 'A dead link is noticed within one and a half of this.' }),
    connectTimeoutMs: z
      .int()
      .min(1_000)
      .max(120_000)
      .default(90_000)
      .meta({ unit: 'ms', restart: 'part', doc: 'How long one attempt to connect may take.' }),
    publishTimeoutMs: z
      .int()
      .min(1_000)
      .max(300_000)
      .default(120_000)
      .meta({ unit: 'ms', restart: 'part', doc: 'How long the broker may take to acknowledge one message.' }),
    backoffMsMin: z.int().min(100).max(60_000).default(1_000).meta({
      unit: 'ms',
      restart: 'part',
      doc: 'Ceiling of the first wait before connecting again; doubles each time.',
    }),
    backoffMsMax: z
      .int()
      .min(1_000)
      .max(3_600_000)
      .default(120_000)
      .meta({ unit: 'ms', restart: 'part', doc: 'Ceiling of every later wait.' }),
  })
  .refine(broker => broker.backoffMsMin <= broker.backoffMsMax, {
    path: ['backoffMsMax'],
    message: 'must be at least backoffMsMin',
  })
export type BrokerSettings = z.infer<typeof brokerSettings>
