/** What a failure means to the caller: whose move is next. */
type Retry = 'now' | 'later' | 'never'

/** Every failure a caller may act on: the code is the contract, the sentence is for people. */
export const errorCatalogue = {
  'usage/bad-option': { retry: 'never', summary: 'An option or argument is not as the command needs it' },
  'usage/bad-nik': { retry: 'never', summary: 'A NIK is exactly 16 digits' },
  'config/bad-value': { retry: 'never', summary: 'A setting is not as its schema needs it' },
  'config/stale': { retry: 'never', summary: 'The configuration is not newer than the one before it' },
  'config/cut-off': { retry: 'never', summary: 'The kiosk did not reach its broker with this configuration' },
  'config/unwell': { retry: 'never', summary: 'The kiosk was not well with this configuration' },
  'config/not-starting': { retry: 'never', summary: 'The kiosk did not start with this configuration' },
  'config/damaged': { retry: 'never', summary: 'The kept configuration is damaged on the disk' },
  'image/unreadable': { retry: 'never', summary: 'The file is not an image that Tunggal can read' },
  'image/too-large': { retry: 'never', summary: 'The image is larger than any fingerprint scan' },
  'image/too-small': { retry: 'never', summary: 'The image is too small to hold a fingerprint' },
  'template/unreadable': { retry: 'never', summary: 'The template is damaged or of an unknown format' },
  'finger/not-a-finger': { retry: 'now', summary: 'No ridges of a finger are in the image' },
  'finger/engine-stopped': { retry: 'now', summary: 'The engine stopped while it worked on this' },
  'finger/engine-busy': { retry: 'now', summary: 'The engine was asked for more than it takes at once' },
  'hal/not-open': { retry: 'never', summary: 'The part is used before it was opened' },
  'hal/busy': { retry: 'now', summary: 'The part is still busy with another call' },
  'hal/no-answer': { retry: 'now', summary: 'The part did not answer' },
  'hal/wrong-part': { retry: 'never', summary: 'Another part answers at this address' },
  'hal/no-bus': { retry: 'later', summary: 'The bus or pin that the board names is not there' },
  'hal/no-permission': { retry: 'later', summary: 'This user may not use the bus or pin' },
  'hal/in-use': { retry: 'later', summary: 'Another program or driver holds the pin or bus' },
  'hal/not-installed': { retry: 'never', summary: 'The package that drives this bus is not installed' },
  'hal/bad-answer': { retry: 'now', summary: 'The part answered with what it cannot mean' },
  'hal/unsupported': { retry: 'never', summary: 'The bus or part cannot do this' },
  'hal/no-card': { retry: 'now', summary: 'No card was held to the reader in time' },
  'hal/no-finger': { retry: 'now', summary: 'No finger was placed in time' },
  'hal/bad-capture': { retry: 'now', summary: 'The part could make nothing of the finger: place it again' },
  'hal/not-ready': { retry: 'later', summary: 'The part is there and not ready yet' },
  'hal/not-registered': { retry: 'later', summary: 'The scanner is not registered with its provider' },
  'hal/untrusted': { retry: 'later', summary: 'The part is not vouched for by whom this board trusts' },
  'hal/tampered': { retry: 'never', summary: 'The part says that somebody tampered with it' },
  'hal/part-fault': {
    retry: 'later',
    summary: 'The part reports a fault of its own: see its lamps and manual',
  },
  'hal/paper-out': { retry: 'later', summary: 'The printer has no paper' },
  'hal/wrong-media': { retry: 'later', summary: 'What the document is printed on is not in the printer' },
  'hal/cover-open': { retry: 'later', summary: 'The cover of the printer is open' },
  'kv/corrupt': { retry: 'never', summary: 'A stored value is not what was written' },
  'kv/io': { retry: 'later', summary: 'The disk refused to read or write' },
  'kv/locked': { retry: 'later', summary: 'Another process holds this data folder' },
  'kv/busy': { retry: 'now', summary: 'More writes wait for the disk than may' },
  'store/full': { retry: 'later', summary: 'The outbox holds as many submissions as it may' },
  'store/wrong-key': { retry: 'never', summary: 'The data folder is sealed under another data key' },
  'store/other-user': { retry: 'never', summary: 'The data folder belongs to another user' },
  'store/other-gallery': { retry: 'never', summary: 'The change is not of the gallery that is kept here' },
  'store/unknown-record': { retry: 'never', summary: 'No record with this id is here' },
  'store/transition': { retry: 'never', summary: 'A record cannot go from its status to that one' },
  'outbox/other-hash': { retry: 'never', summary: 'The receipt names other bytes than were sent' },
  'outbox/stale-receipt': {
    retry: 'never',
    summary: 'The receipt is older than the backup that the ABIS was set back to',
  },
  'broker/offline': { retry: 'later', summary: 'There is no connection to the broker' },
  'broker/refused': { retry: 'later', summary: 'The broker refused the request' },
  'broker/too-large': { retry: 'never', summary: 'The message is larger than the broker takes' },
  'broker/timeout': { retry: 'later', summary: 'The broker did not answer in time' },
  'seal/malformed': { retry: 'never', summary: 'A sealed body is not as the contract has it' },
  'seal/untrusted': { retry: 'never', summary: 'A sealed body is not signed by whom it must be' },
  'seal/wrong-type': { retry: 'never', summary: 'A sealed body is of another type than its topic' },
  'seal/wrong-key': { retry: 'never', summary: 'A sealed body is encrypted to another key' },
  'seal/too-large': { retry: 'never', summary: 'A sealed body is larger than the contract allows' },
  'keys/missing': { retry: 'never', summary: 'A key is not where it should be: run tunggal keys init' },
  'keys/exists': { retry: 'never', summary: 'There are keys in this folder already' },
  'keys/unreadable': {
    retry: 'never',
    summary: 'A key or certificate is damaged, exposed, or belongs to others',
  },
  'keys/bad-name': { retry: 'never', summary: 'This name cannot stand in a certificate of that kind' },
  'keys/bad-request': { retry: 'never', summary: 'The certificate request is not one that can be granted' },
  'keys/busy': { retry: 'later', summary: 'Another process is certifying or revoking here' },
  'keys/unknown-name': { retry: 'never', summary: 'This authority has issued no certificate to that name' },
  'claims/bad-request': { retry: 'never', summary: 'The claim is not one that can be granted' },
  'claims/unknown-token': { retry: 'never', summary: 'This claim token was never given out' },
  'claims/expired': { retry: 'never', summary: 'The claim token or the claim has expired: make a new token' },
  'claims/token-used': { retry: 'never', summary: 'Another kiosk has used this claim token' },
  'claims/rejected': { retry: 'never', summary: 'The claim was rejected: make a new token' },
  'claims/unknown-claim': { retry: 'never', summary: 'There is no claim with this id' },
  'claims/decided': { retry: 'never', summary: 'The claim was decided already' },
  'claims/name-taken': {
    retry: 'never',
    summary: 'Another kiosk has a certificate in this name: revoke it first',
  },
  'claims/too-many': { retry: 'later', summary: 'More claims came than are taken at once' },
  'claims/unavailable': { retry: 'later', summary: 'The claim service does not answer' },
  'claims/bad-answer': { retry: 'later', summary: 'The claim service answered with what it cannot mean' },
  'adjudication/not-open': { retry: 'never', summary: 'No record with this id waits for people to decide' },
  'adjudication/no-fingers': { retry: 'never', summary: 'Neither record has fingers that could be shown' },
  'adjudication/decided-before': {
    retry: 'never',
    summary: 'This person has decided on this record: another one has to',
  },
  'abis/unavailable': { retry: 'later', summary: 'The central ABIS does not answer' },
  'speech/unavailable': {
    retry: 'later',
    summary: 'Nothing can be spoken: espeak-ng is missing or does not answer',
  },
  'firmware/no-checkout': {
    retry: 'never',
    summary: 'Images are built in a checkout of the sources: this is not one',
  },
  'firmware/not-root': {
    retry: 'never',
    summary: 'Only root can build an image: its files belong to many users',
  },
  'firmware/no-tool': { retry: 'never', summary: 'A program that builds images is missing' },
  'firmware/too-large': {
    retry: 'never',
    summary: 'What the image has to hold does not fit into its slots',
  },
  'firmware/not-an-image': { retry: 'never', summary: 'The file is not a disk image of a kiosk' },
  'flash/not-a-disk': {
    retry: 'never',
    summary: 'This is no whole disk: name the card itself, not a part of it',
  },
  'flash/in-use': { retry: 'never', summary: 'This machine uses the disk: it is not written over' },
  'flash/too-small': { retry: 'never', summary: 'The card is smaller than the image' },
  'flash/not-as-written': {
    retry: 'never',
    summary: 'The card gives back other bytes than were written: take another card',
  },
  'flash/bad-wifi': { retry: 'never', summary: 'The wireless network cannot be like this' },
  'firmware/exists': { retry: 'never', summary: 'There is such a file already: take another name' },
  'update/older': { retry: 'never', summary: 'The image is older than one that was good here' },
  'update/stale': { retry: 'never', summary: 'The wanted update is not newer than the one before it' },
  'update/expired': { retry: 'never', summary: 'The update is not to be installed any more' },
  'update/wrong-machine': { retry: 'never', summary: 'The update is for another kind of machine' },
  'update/too-large': { retry: 'never', summary: 'The update does not fit on this kiosk' },
  'update/unreachable': { retry: 'later', summary: 'The update cannot be downloaded now' },
  'update/other-hash': { retry: 'never', summary: 'What was downloaded is not what operations named' },
  'update/unreadable': { retry: 'never', summary: 'The file is not a bundle of an update' },
  'update/untrusted': {
    retry: 'never',
    summary: 'The update is not signed by whom this kiosk takes updates from',
  },
  'update/other-recipient': { retry: 'never', summary: 'The update is encrypted, and not to this kiosk' },
  'update/no-recipients': {
    retry: 'never',
    summary: 'A bundle is encrypted to 1 to 300 kiosks: name a file with their certificates (PEM)',
  },
  'update/not-installed': { retry: 'never', summary: 'The update could not be written to its slot' },
  'update/no-slots': {
    retry: 'never',
    summary: 'This machine has no slots for updates, or they do not answer',
  },
  'update/not-starting': { retry: 'never', summary: 'The kiosk did not start with this image' },
  'update/unwell': { retry: 'never', summary: 'The kiosk was not well with this image' },
  'fleet/unknown-user': { retry: 'never', summary: 'There is no user of that name' },
  'fleet/user-exists': { retry: 'never', summary: 'There is a user of that name already' },
  'fleet/unknown-kiosk': { retry: 'never', summary: 'The broker keeps nothing of a kiosk of this name' },
  'fleet/unknown-rollout': { retry: 'never', summary: 'There is no roll-out with this id' },
  'fleet/not-now': { retry: 'never', summary: 'The roll-out is in no state for that' },
  'fleet/same-person': { retry: 'never', summary: 'Another person has to approve what one has proposed' },
  'fleet/not-served': {
    retry: 'later',
    summary: 'What carries roll-outs on does not run on this data folder',
  },
  'fleet/too-many': { retry: 'later', summary: 'Operations keep as many of these as they may' },
  'io/unreadable': { retry: 'never', summary: 'A file or folder cannot be read' },
  'io/unwritable': { retry: 'later', summary: 'A file cannot be written' },
} as const satisfies Record<string, { retry: Retry; summary: string }>
export type ErrorCode = keyof typeof errorCatalogue

/** A failure of the world (not of our code: for that there is `assert`). */
export class KioskError extends Error {
  override readonly name = 'KioskError'

  /** `details` holds numbers and names only; bytes from a finger or a face, and NIKs, never go in. */
  constructor(
    readonly code: ErrorCode,
    readonly details: Readonly<Record<string, string | number | boolean>> = {},
    options?: { cause: unknown },
  ) {
    const where = Object.keys(details).length > 0 ? ` ${JSON.stringify(details)}` : ''
    super(`${errorCatalogue[code].summary} (${code})${where}`, options)
  }

  get retry(): Retry {
    return errorCatalogue[this.code].retry
  }
}

/** For a log, which holds no texts of others. */
export function codeOf(error: unknown): string {
  return error instanceof KioskError ? error.code : 'bug'
}
