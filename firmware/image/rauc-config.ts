import { compatibleOf } from '../update/compatible.ts'
import type { VariantName } from './variants.ts'

/**
 * RAUC's own configuration on a slot (man page of RAUC 1.8, "system.conf"). The root that signers of updates lead to is
 * the operator's, so it is not in the image: the flashing tool writes it beside the site's settings. A bundle that is
 * encrypted is opened with the key that the kiosk made for itself. No `cert` is named, since a renewed one has another
 * number than the bundle was encrypted to.
 */
export function raucConfig(variant: VariantName): string {
  return `[system]
compatible=${compatibleOf(variant)}
bootloader=uboot
bundle-formats=verity crypt
mountprefix=/run/rauc
statusfile=/data/rauc/status

[keyring]
path=/data/site/root.pem
check-purpose=codesign
use-bundle-signing-time=true

[encryption]
key=/data/tunggal/keys/kiosk/key.pem

[slot.rootfs.0]
device=/dev/disk/by-partlabel/rootA
type=ext4
bootname=A

[slot.rootfs.1]
device=/dev/disk/by-partlabel/rootB
type=ext4
bootname=B
`
}
