/**
 * What every setting says about itself beside its type: `doc` for people, `unit` of the number, and what a
 * running kiosk has to start again before the new value counts. Absent: nothing, it counts from the next visit
 * on. `part`: the part of the runtime that its topic is about. `runtime`: the kiosk. `secret`: whoever reads it
 * could find out what it guards, so it stands in the kiosk's own file alone: it comes through no broker, and is
 * neither reported nor shown.
 */
declare module 'zod/v4/core' {
  interface GlobalMeta {
    doc?: string
    unit?: string
    restart?: 'part' | 'runtime'
    secret?: true
  }
}

export {}
