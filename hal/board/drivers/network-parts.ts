import { z } from 'zod'
import { environments } from '../../drivers/sbi/messages.ts'
import { type PartDriver, partDriver } from '../part-driver.ts'
import { onSbi } from '../wiring.ts'

const NAME_CHARS_MAX = 100

/** Parts that are spoken to over a network, be it the one inside of this machine. */
export const networkParts: Readonly<Record<string, PartDriver>> = {
  'sbi-fingerprint-sensor': partDriver({
    kind: 'fingerprint-sensor',
    summary: 'A certified scanner, through its device service (MOSIP SBI 1.0, also called MDS)',
    on: z.strictObject({ service: onSbi() }),
    settings: {
      trust: z.string().min(1).max(200).meta({
        doc: 'File of certificates (PEM) whose holders may vouch for a scanner and for its chip: its provider’s, the country’s.',
      }),
      env: z.enum(environments).optional().meta({
        doc: 'Which scanners to take: those registered for this environment. Production by default.',
      }),
      serialNo: z.string().min(1).max(NAME_CHARS_MAX).optional().meta({
        doc: 'As printed on the scanner: no other one is taken. Any by default.',
      }),
      requestedScore: z.int().min(1).max(100).optional().meta({
        doc: 'A finger of this quality (NFIQ 2) is taken at once, otherwise the best of the time there is. 40 by default.',
      }),
      presentationAttackDetection: z.enum(['none', 'claimed', 'certified']).optional().meta({
        doc: 'What the scanner’s papers say of false fingers; travels in the submission. none by default.',
      }),
    },
    async load({ on: { service }, trust, ...settings }, { clock, machine }) {
      const { randomUUID } = await import('node:crypto')
      const { SbiSensor } = await import('../../drivers/sbi/sbi.ts')
      const { readAnchors } = await import('../../drivers/sbi/trust.ts')
      const { env, serialNo, requestedScore, presentationAttackDetection } = settings
      return new SbiSensor({
        loopback: machine.loopback,
        clock,
        ports: { min: service.portMin, max: service.portMax },
        anchors: () => readAnchors(trust),
        newTransactionId: randomUUID,
        env,
        serialNo,
        requestedScore,
        presentationAttackDetection,
      })
    },
  }),
}
