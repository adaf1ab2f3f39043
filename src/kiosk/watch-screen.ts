import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { VisitRunner } from '../enrolment/runner.ts'
import { hasDisplay } from '../health/display.ts'
import { ScreenWatch } from '../health/screen-watch.ts'
import { isThere } from '../keys/key-file.ts'
import { askMachine, SCREEN_REQUEST } from './machine-requests.ts'

/** Its presence says that the image shows the page by itself. */
const SCREEN_UNIT = '/etc/systemd/system/tunggal-screen.service'

/** Watches over the screen of an image's machine from now on; undefined where the image shows no page. */
export async function watchScreen({
  visit,
  clock,
  log,
}: {
  readonly visit: Pick<VisitRunner, 'view'>
  readonly clock: Clock
  readonly log: Log
}): Promise<ScreenWatch | undefined> {
  if (!(await isThere(SCREEN_UNIT))) return undefined
  const watch = new ScreenWatch({
    clock,
    log,
    hasDisplay,
    visit: () => visit.view.visit,
    startAnew: () => askMachine(SCREEN_REQUEST, new Date(clock.nowMs()).toISOString()),
  })
  await watch.start()
  return watch
}
