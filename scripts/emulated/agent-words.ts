/** Where the machine's agent listens, and what it says on the console once it does. */
export const AGENT_PORT = 7000
export const AGENT_READY = 'TUNGGAL: the machine is ready'
/** This machine, as the emulated one sees it. */
export const HOST_ADDRESS = '10.0.2.2'
