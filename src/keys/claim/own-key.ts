import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto'
import { join } from 'node:path'
import { isThere, readKeyFile, writeKeyFile } from '../key-file.ts'
import { file } from '../layout.ts'
import { newKey } from '../pem.ts'
import type { RequestKey } from '../request.ts'

const LOCAL_KEY_BYTES = 32

/**
 * The key that a kiosk makes for itself, in its key folder: the same one each time, so that a claim goes on after a
 * power cut. Rejects with `keys/unreadable`, `io/unwritable`.
 */
export async function openOwnKey(folder: string): Promise<RequestKey> {
  const path = join(folder, file.key)
  if (!(await isThere(path))) await writeKeyFile(path, newKey().key, { secret: true })
  for (const name of [file.dataKey, file.indexKey])
    if (!(await isThere(join(folder, name))))
      await writeKeyFile(join(folder, name), randomBytes(LOCAL_KEY_BYTES), { secret: true })
  return requestKeyOf((await readKeyFile(path, { secret: true })).toString())
}

/** A PKCS #8 PEM as what signs a request. */
export function requestKeyOf(pem: string): RequestKey {
  const key = createPrivateKey(pem)
  return {
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'der' }),
    sign: async bytes => sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }),
  }
}
