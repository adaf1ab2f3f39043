import { spawn } from 'node:child_process'

/** So often within the time after which systemd gives a service up. */
const PINGS_A_WATCHDOG = 3
const NOTIFY_TIMEOUT_MS = 10_000

export interface ServiceManager {
  /** Citizens can be served. Resolves once systemd has been told. */
  ready(): Promise<void>
  /**
   * While `isWell` resolves to true in time, systemd is told that the service lives; otherwise it will end and start
   * it again. Returns what ends that.
   */
  watch(isWell: () => Promise<boolean>): () => void
  stopping(): Promise<void>
}

/**
 * The word to systemd (sd_notify(3)), through its own `systemd-notify`: Node cannot send to a datagram socket of the
 * file system. Without a manager that listens, nothing is done.
 */
export function serviceManager(env: NodeJS.ProcessEnv, program = 'systemd-notify'): ServiceManager {
  const isListening = env.NOTIFY_SOCKET !== undefined
  const notify = async (word: string) => {
    if (isListening) await told(program, word, env)
  }
  const watchdogMs = Number(env.WATCHDOG_USEC) / 1000
  return {
    ready: () => notify('READY=1'),
    stopping: () => notify('STOPPING=1'),
    watch(isWell) {
      if (!isListening || !(watchdogMs > 0)) return () => {}
      let isBusy = false
      const timer = setInterval(() => {
        // One that hangs is not asked again: systemd waits no longer than it was told to.
        if (isBusy) return
        isBusy = true
        void isWell()
          .then(async well => {
            if (well) await notify('WATCHDOG=1')
            isBusy = false
          })
          .catch(() => {
            isBusy = false
          })
      }, watchdogMs / PINGS_A_WATCHDOG)
      return () => clearInterval(timer)
    },
  }
}

function told(program: string, word: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise(resolve => {
    const child = spawn(program, [word], { stdio: 'ignore', env, timeout: NOTIFY_TIMEOUT_MS })
    // Whether it was told or not, systemd decides what to do.
    child.once('error', () => resolve())
    child.once('close', () => resolve())
  })
}
