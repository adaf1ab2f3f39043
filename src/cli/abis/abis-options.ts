import { z } from 'zod'

/** For every command of the ABIS. */
export const abisOptions = {
  data: z
    .string()
    .min(1)
    .default('/var/lib/tunggal-abis')
    .meta({ doc: 'State folder of the ABIS: keys and records.', value: 'DIR' }),
  broker: z
    .string()
    .regex(/^mqtts?:\/\/[^\s/@]+\/?$/, 'must be mqtt://HOST:PORT or mqtts://HOST:PORT')
    .default('mqtt://127.0.0.1:1883')
    .meta({ doc: 'The MQTT 5 broker.', value: 'URL' }),
}
