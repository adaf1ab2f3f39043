import { join } from 'node:path'
import { KioskError } from '../../base/errors.ts'
import { readKeyFile, writeKeyFile } from '../key-file.ts'
import { keyFolderInfo } from '../key-folder-info.ts'
import { file } from '../layout.ts'
import { makeRequest } from '../request.ts'
import { askRenewal } from './ask.ts'
import { mustBeOurs, readIdentity } from './identity.ts'
import { requestKeyOf } from './own-key.ts'

/**
 * A fresh certificate for a kiosk that claimed the one it has, for the same key: what it signed before and what it signs
 * after are then of one key, and a key in a TPM stays where it is. Rejects with `claims/unavailable` where nobody
 * answers, `claims/rejected` where the standing certificate has ended or was taken back, `claims/bad-answer`, and
 * `keys/missing` where it did not claim.
 */
export async function renewCertificateOf(folder: string, signal: AbortSignal): Promise<void> {
  const identity = await readIdentity(folder)
  if (identity === undefined) throw new KioskError('keys/missing', { file: join(folder, file.identity) })
  const text = async (name: string, secret = false) =>
    (await readKeyFile(join(folder, name), { secret })).toString()
  const root = await text(file.root)
  const client = { key: await text(file.key, true), cert: await text(file.certificate) }
  const { name, publicKey } = await keyFolderInfo(folder)
  const request = await makeRequest(name, requestKeyOf(client.key))
  const answer = await askRenewal({ url: identity.claimUrl, root, client, signal }, { request })
  if (answer.state !== 'approved') throw new KioskError('claims/bad-answer', { state: answer.state })
  mustBeOurs(answer, { root, publicKey, name })
  await writeKeyFile(join(folder, file.abis), answer.abis, { secret: false })
  await writeKeyFile(join(folder, file.certificate), answer.certificate, { secret: false })
}
