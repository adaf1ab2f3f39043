/** Operations (RFC 8011 § 5.4.15). */
export const IPP_OPERATION = {
  createJob: 0x0005,
  sendDocument: 0x0006,
  cancelJob: 0x0008,
  getJobAttributes: 0x0009,
  getPrinterAttributes: 0x000b,
} as const

/** Status codes (RFC 8011 appendix B). */
export const IPP_STATUS = {
  ok: 0x0000,
  lastSuccess: 0x00ff,
  notPossible: 0x0404,
  notFound: 0x0406,
  formatNotSupported: 0x040a,
  valuesNotSupported: 0x040b,
  busy: 0x0507,
} as const

/** States (RFC 8011 § 5.3.7, § 5.4.11). */
export const IPP_JOB_STATE = {
  pending: 3,
  processing: 5,
  stopped: 6,
  cancelled: 7,
  aborted: 8,
  completed: 9,
} as const
export const IPP_PRINTER_STATE = { idle: 3, processing: 4, stopped: 5 } as const
