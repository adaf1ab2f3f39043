import type { Command } from './command.ts'

/**
 * Every command, in the order of the help. Each is loaded when it is used, so that judging a finger
 * does not wait for a database and a broker's client to load.
 */
export const registry: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./kiosk/run.ts')).run,
  enrol: async () => (await import('./kiosk/enrol.ts')).enrol,
  doctor: async () => (await import('./technician/doctor.ts')).doctor,
  'part list': async () => (await import('./technician/part-list.ts')).partList,
  'part watch': async () => (await import('./technician/part-watch.ts')).partWatch,
  'part test': async () => (await import('./technician/part-test.ts')).partTest,
  'board list': async () => (await import('./technician/board-list.ts')).boardList,
  'board check': async () => (await import('./technician/board-check.ts')).boardCheck,
  'board show': async () => (await import('./technician/board-show.ts')).boardShow,
  'record list': async () => (await import('./store/record-list.ts')).recordList,
  'record show': async () => (await import('./store/record-show.ts')).recordShow,
  'record withdraw': async () => (await import('./store/record-withdraw.ts')).recordWithdraw,
  'outbox status': async () => (await import('./store/outbox-status.ts')).outboxStatus,
  'outbox set-aside': async () => (await import('./store/outbox-set-aside.ts')).outboxSetAside,
  'outbox export': async () => (await import('./store/outbox-export.ts')).outboxExport,
  'outbox import-receipts': async () =>
    (await import('./store/outbox-import-receipts.ts')).outboxImportReceipts,
  'config check': async () => (await import('./config/check.ts')).configCheck,
  'config show': async () => (await import('./config/show.ts')).configShow,
  'config schema': async () => (await import('./config/schema.ts')).configSchema,
  'fleet config push': async () => (await import('./fleet/config-push.ts')).fleetConfigPush,
  'fleet config show': async () => (await import('./fleet/config-show.ts')).fleetConfigShow,
  'fleet claim serve': async () => (await import('./fleet/claim/serve.ts')).fleetClaimServe,
  'fleet claim token create': async () =>
    (await import('./fleet/claim/token-create.ts')).fleetClaimTokenCreate,
  'fleet claim list': async () => (await import('./fleet/claim/list.ts')).fleetClaimList,
  'fleet claim approve': async () => (await import('./fleet/claim/approve.ts')).fleetClaimApprove,
  'fleet claim reject': async () => (await import('./fleet/claim/reject.ts')).fleetClaimReject,
  'abis serve': async () => (await import('./abis/serve.ts')).abisServe,
  'abis import': async () => (await import('./abis/import.ts')).abisImport,
  'abis backup': async () => (await import('./abis/backup.ts')).abisBackup,
  'abis restore': async () => (await import('./abis/restore.ts')).abisRestore,
  'abis status': async () => (await import('./abis/status.ts')).abisStatus,
  'finger quality': async () => (await import('./finger/quality.ts')).fingerQuality,
  'finger extract': async () => (await import('./finger/extract.ts')).fingerExtract,
  'finger show': async () => (await import('./finger/show.ts')).fingerShow,
  'finger compare': async () => (await import('./finger/compare.ts')).fingerCompare,
  'finger identify': async () => (await import('./finger/identify.ts')).fingerIdentify,
  'finger convert': async () => (await import('./finger/convert.ts')).fingerConvert,
  'image build': async () => (await import('./image/build.ts')).imageBuild,
  'keys init': async () => (await import('./keys/init.ts')).keysInit,
  'keys issue': async () => (await import('./keys/issue.ts')).keysIssue,
  'keys revoke': async () => (await import('./keys/revoke.ts')).keysRevoke,
  'keys pin': async () => (await import('./keys/pin.ts')).keysPin,
  'keys rotate': async () => (await import('./keys/rotate.ts')).keysRotate,
}
