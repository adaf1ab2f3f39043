import type { HeadphoneDetect } from '../../hal/ports/headphone-detect.ts'
import type { VisitRunner } from './runner.ts'

interface Socket {
  readonly device: Pick<HeadphoneDetect, 'active' | 'onChange'>
}

/** Tells the visit whether its person listens alone: headphones are in, and no socket is silent about it. */
export function listenForHeadphones(
  visit: Pick<VisitRunner, 'setListensAlone'>,
  sockets: readonly Socket[],
): void {
  const tell = () =>
    visit.setListensAlone(sockets.length > 0 && sockets.every(({ device }) => device.active === true))
  for (const { device } of sockets) device.onChange(tell)
  tell()
}
