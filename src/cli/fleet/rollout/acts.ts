import { actCommand } from './open-book.ts'

export const fleetRolloutApprove = actCommand(
  'approve',
  'Let a roll-out begin that another person has proposed',
)
export const fleetRolloutPause = actCommand('pause', 'Send nobody else a roll-out, until it is resumed')
export const fleetRolloutResume = actCommand('resume', 'Go on with a roll-out that was paused')
export const fleetRolloutCancel = actCommand(
  'cancel',
  'End a roll-out; kiosks that have the configuration keep it',
)
