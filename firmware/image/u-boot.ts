import type { Variant } from './variants.ts'

/** Of a file of U-Boot's variables: what Debian's U-Boot has built in for its own, and of ours. */
export const VARIABLES_BYTES = 0x4000
const SIZE = `0x${VARIABLES_BYTES.toString(16)}`

/** For `fw_setenv` and RAUC, which write the slots' variables too: file, offset, size (fw_env.config of libubootenv). */
export function variablesConfig({ slotVariables }: Variant): string {
  return `/boot/firmware/${slotVariables.file} 0x0000 ${SIZE}\n`
}

/**
 * What U-Boot does: takes the first slot in BOOT_ORDER that has tries left, uses up one of them, and starts it. A slot
 * that works gets its tries back (`rauc status mark-good`). Without a slot that has any, each that holds a kernel
 * gets three more. The second slot of a new card is empty, and has none. Power may go while the variables are written:
 * their check sum shows it, and the copy of the last start is taken. `fsck.repair`: nobody is there to be asked, and the
 * store's audit says what is missing. The machine's id is made at the first start and kept among the variables
 * (`units/tunggal-machine-id.service`): by it the log's files are found again, and a network's DHCP server knows the kiosk.
 */
export function bootScript({ kernelWords, deviceTree, slotVariables }: Variant): string {
  const slot = (name: 'A' | 'B', partition: number) =>
    `elif test "x\${s}" = "x${name}"; then if test \${BOOT_${name}_LEFT} -gt 0; then setexpr BOOT_${name}_LEFT \${BOOT_${name}_LEFT} - 1; setenv slot ${name}; setenv part ${partition}; fi`
  const refill = (name: 'A' | 'B', partition: number) =>
    `if test -e \${devtype} \${devnum}:${partition} /vmlinuz; then setenv BOOT_${name}_LEFT 3; fi`
  const names = 'BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT machine_id'
  const read = (file: string) =>
    `load \${devtype} \${devnum}:1 \${envaddr} ${file} && env import -c \${envaddr} ${SIZE} ${names}`
  const write = (file: string) => `fatwrite \${devtype} \${devnum}:1 \${envaddr} ${file} ${SIZE}`
  const save = `env export -c -s ${SIZE} \${envaddr} ${names}; ${write(slotVariables.file)}; ${write(slotVariables.copy)}`
  return `setenv BOOT_ORDER "A B"
setenv BOOT_A_LEFT 3
setenv BOOT_B_LEFT 0
setenv envaddr \${ramdisk_addr_r}
if ${read(slotVariables.file)}; then true; elif ${read(slotVariables.copy)}; then true; fi
setenv slot
for s in "\${BOOT_ORDER}"; do
if test "x\${slot}" != "x"; then true
${slot('A', 2)}
${slot('B', 3)}
fi
done
if test -z "\${slot}"; then setenv BOOT_A_LEFT 0; setenv BOOT_B_LEFT 0; ${refill('A', 2)}; ${refill('B', 3)}; ${save}; reset; fi
${save}
echo "slot \${slot}, tries left: A \${BOOT_A_LEFT}, B \${BOOT_B_LEFT}"
part uuid \${devtype} \${devnum}:\${part} rootuuid
setenv machine
if test -n "\${machine_id}"; then setenv machine "systemd.machine_id=\${machine_id}"; fi
setenv bootargs "${kernelWords} root=PARTUUID=\${rootuuid} rootfstype=ext4 ro rauc.slot=\${slot} systemd.volatile=state \${machine} fsck.repair=yes quiet loglevel=4 panic=10"
if load \${devtype} \${devnum}:\${part} \${kernel_addr_r} vmlinuz; then if load \${devtype} \${devnum}:\${part} \${ramdisk_addr_r} initrd.img; then booti \${kernel_addr_r} \${ramdisk_addr_r}:\${filesize} \${${deviceTree}}; fi; fi
echo "slot \${slot} does not start"
reset
`
}
