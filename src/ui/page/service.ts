import type { ServiceTask, ServiceView, StaffAnswer, TaskOutcome } from '../operations.ts'

// As in protocol.ts, which the page does not carry.
const STAFF_PATH = '/staff'
const SERVICE_PATH = '/service'
const TASK_PATH = '/task'
const LEAVE_PATH = '/leave'
const LOOK_EVERY_MS = 3000

export type Post = (path: string, body: unknown) => Promise<Response | undefined>

/** A technician's session, from the PIN to its end: looks at the kiosk again and again, and tells what it sees. */
export class ServiceSession {
  private session: string | undefined
  private checks: ServiceView['checks']
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly post: Post,
    private readonly onView: (view: ServiceView | undefined) => void,
  ) {}

  async enter(pin: string): Promise<StaffAnswer> {
    const response = await this.post(STAFF_PATH, { pin })
    if (!response?.ok) return { kind: 'fault' }
    const answer = (await response.json()) as StaffAnswer
    if (answer.kind === 'technician') {
      this.session = answer.session
      void this.look({ thoroughly: true })
    }
    return answer
  }

  /** What takes long to find out stays as it was found. */
  async look({ thoroughly }: { readonly thoroughly: boolean }): Promise<void> {
    const { session } = this
    if (session === undefined) return
    clearTimeout(this.timer)
    const response = await this.post(SERVICE_PATH, { session, thoroughly })
    if (this.session !== session) return
    if (!response?.ok) {
      this.session = undefined
      this.onView(undefined)
      return
    }
    const view = (await response.json()) as ServiceView
    if (this.session !== session) return
    this.checks = view.checks ?? this.checks
    this.onView({ ...view, checks: this.checks })
    this.timer = setTimeout(() => void this.look({ thoroughly: false }), LOOK_EVERY_MS)
  }

  /** Undefined: the session ended meanwhile. */
  async perform(task: ServiceTask): Promise<TaskOutcome | undefined> {
    const { session } = this
    if (session === undefined) return undefined
    const response = await this.post(TASK_PATH, { session, task })
    if (this.session !== session) return undefined
    if (response?.ok) return (await response.json()) as TaskOutcome
    this.session = undefined
    this.onView(undefined)
    return undefined
  }

  leave(): void {
    clearTimeout(this.timer)
    if (this.session !== undefined) void this.post(LEAVE_PATH, { session: this.session })
    this.session = undefined
    this.checks = undefined
  }
}
