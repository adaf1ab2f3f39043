/**
 * What travels between page and server, both on this machine: server-sent events down, JSON posts up.
 *
 *     GET  /          the page; while nobody is at the kiosk, with the first screen in it: {facts, view}
 *     GET  /events    `facts` once, then `view` with every change
 *     GET  /preview   live images of the finger that is asked for, while one is: multipart/x-mixed-replace
 *     POST /command   a VisitCommand; answered 204
 *     POST /status    {code} of a receipt; answered with a StatusFinding
 *     POST /status-by-finger  {nik}; a line {kind: contact} once the finger is felt, then a FingerFinding, as NDJSON
 *     POST /print     {code of a receipt, job?, language}; answered with a PrintOutcome once it is done
 *     POST /staff     {pin}; answered with a StaffAnswer
 *     POST /service   {session, thoroughly}; answered with a ServiceView, or 404 where the session has ended
 *     POST /task      {session, task}; answered with a TaskOutcome, or 404 likewise
 *     POST /leave     {session}; answered 204
 *     GET  /present   whether there is a kiosk, for `page/starting.ts`; answered 204
 *     POST /painted   {visit} that is on the screen; answered 204
 *     POST /speech    a phrase; answered with a WAV file, 409 where others would hear what is private, or 503
 *
 * Nothing personal stands in an address: those end up in histories and logs.
 */
import { z } from 'zod'
import { fingerExceptions } from '../record/finger-position.ts'
import type { VisitCommand } from '../record/visit-view.ts'
import type { ServiceTask } from './operations.ts'

export const paths = {
  events: '/events',
  preview: '/preview',
  command: '/command',
  status: '/status',
  statusByFinger: '/status-by-finger',
  speech: '/speech',
  print: '/print',
  staff: '/staff',
  service: '/service',
  task: '/task',
  leave: '/leave',
  painted: '/painted',
} as const

/** A typed number is 16 digits; somebody who types more is told so by the machine. */
const NIK_CHARACTERS_MAX = 32
const CODE_CHARACTERS_MAX = 64
/** The longest paragraph of a screen is a third of it. */
const PHRASE_CHARACTERS_MAX = 1000
const PART_NAME_CHARACTERS_MAX = 64

const visit = z.int().min(0)
const language = z.enum(['id', 'en'])
const exception = z.enum(fingerExceptions)
const position = z.literal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])

export const commandSchema: z.ZodType<VisitCommand> = z.discriminatedUnion('name', [
  z.strictObject({ visit, name: z.literal('begin'), language }),
  z.strictObject({ visit, name: z.literal('language'), language }),
  z.strictObject({ visit, name: z.literal('nik'), text: z.string().max(NIK_CHARACTERS_MAX) }),
  z.strictObject({ visit, name: z.literal('consent'), agreed: z.boolean() }),
  z.strictObject({ visit, name: z.literal('skip'), exception }),
  z.strictObject({ visit, name: z.literal('skip-rest'), exception }),
  z.strictObject({ visit, name: z.literal('redo'), position }),
  z.strictObject({
    visit,
    name: z.literal('prefer'),
    textSize: z.literal([1, 2, 3]).optional(),
    highContrast: z.boolean().optional(),
    reducedMotion: z.boolean().optional(),
    speech: z.boolean().optional(),
    volume: z.literal([1, 2, 3, 4, 5]).optional(),
  }),
  ...(['confirm', 'back', 'retry', 'submit', 'help', 'keep-alive', 'leave'] as const).map(name =>
    z.strictObject({ visit, name: z.literal(name) }),
  ),
]) as z.ZodType<VisitCommand>

export const statusQuestionSchema = z.strictObject({ code: z.string().max(CODE_CHARACTERS_MAX) })

export const printSchema = z.strictObject({
  code: z.string().max(CODE_CHARACTERS_MAX),
  job: z.uuid().optional(),
  language,
})
export const fingerQuestionSchema = z.strictObject({ nik: z.string().max(NIK_CHARACTERS_MAX) })

const session = z.string().max(64)
export const pinSchema = z.strictObject({ pin: z.string().max(12) })
export const serviceSchema = z.strictObject({ session, thoroughly: z.boolean() })
export const taskSchema = z.strictObject({
  session,
  task: z.discriminatedUnion('name', [
    z.strictObject({ name: z.literal(['capture', 'export', 'reboot']) }),
    z.strictObject({ name: z.literal('print'), part: z.string().max(PART_NAME_CHARACTERS_MAX) }),
  ]) as z.ZodType<ServiceTask>,
})
export const paintedSchema = z.strictObject({ visit })
export const leaveSchema = z.strictObject({ session })

/** What the page wants to hear. `isPrivate`: about one person, and for that person's ears only. */
export const phraseSchema = z.strictObject({
  text: z.string().min(1).max(PHRASE_CHARACTERS_MAX),
  language,
  isPrivate: z.boolean(),
})
