/**
 * What every setting says about itself beside its type: `doc` for people, `unit` of the number, and
 * `restart: true` where a running kiosk takes the new value only when it starts again.
 */
declare module 'zod/v4/core' {
  interface GlobalMeta {
    doc?: string
    unit?: string
    restart?: boolean
  }
}

export {}
