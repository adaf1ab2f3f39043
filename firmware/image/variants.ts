import type { TreeEdit } from './device-tree.ts'

/** For whom an image is: the same recipe, and what differs. */
export interface Variant {
  /** The board file that the kiosk runs with. */
  readonly board: string
  /** What the kernel is told, beside its root. */
  readonly kernelWords: string
  /** U-Boot's name for where the device tree is that the board came with. */
  readonly deviceTree: 'fdtcontroladdr' | 'fdt_addr'
  /**
   * Files on the first partition in which U-Boot keeps how many tries each slot has left. They stay on a card for good, and
   * each of its slots has to know them: these names can never change.
   */
  readonly slotVariables: { readonly file: string; readonly copy: string }
  /**
   * U-Boot's own variables, all of them, in place of those that Debian has built in: its file `uboot.env` on the first
   * partition. Left out: the built-in ones.
   */
  readonly uBoot?: Readonly<Record<string, string>>
  /**
   * How large each of the two slots is. A card keeps the slots that it was flashed with, and an update is a whole slot:
   * this can never grow.
   */
  readonly slotMib: number
  /** It shows its page: lines of the environment of `tunggal-screen.service`. Left out: it has no browser. */
  readonly screen?: readonly string[]
  /** Debian packages that only this board needs, and the parts of Debian's archive that they are in. */
  readonly packages?: readonly string[]
  readonly components?: readonly string[]
  /** Modules of the kernel that only this board needs, beside those that every one does. */
  readonly kernelModules?: readonly string[]
  /** Files of the tree that the board reads before U-Boot, at the top of the boot partition. */
  readonly bootFiles?: readonly string[]
  /** What is changed in the one of them that is the device tree. */
  readonly treeEdits?: readonly TreeEdit[]
  /** Text of the firmware's `config.txt`. */
  readonly bootConfig?: string
  /** Folders of files, beside `files`. */
  readonly files?: readonly string[]
  /** Units that only this variant starts, below `/etc/systemd/system`, and by what. */
  readonly units?: Readonly<Record<string, string>>
}

/** Of Debian's kernel 6.1, for a Raspberry Pi 4. */
const PL011 = '/soc/serial@7e201000'
const HEADER_PINS = '/soc/gpio@7e200000/uart0_gpio14'
/** No other node has it. */
const HEADER_PINS_PHANDLE = 0x10000

/** The goal is 1.2 GiB. */
const SCREEN_SLOT_MIB = 1228

const virt = {
  board: 'simulated',
  kernelWords: 'console=ttyAMA0',
  deviceTree: 'fdtcontroladdr',
  slotVariables: { file: 'uboot.env', copy: 'uboot.bak' },
  slotMib: 768,
  files: ['files-virt'],
  units: { 'agent.socket': 'sockets.target' },
} as const satisfies Variant

export const variants = {
  virt,
  'virt-screen': {
    ...virt,
    kernelWords: `${virt.kernelWords} vt.global_cursor_default=0`,
    slotMib: SCREEN_SLOT_MIB,
    // Its display has no graphics processor.
    screen: ['WLR_RENDERER=pixman', 'CHROMIUM_WORDS=--disable-gpu --disable-gpu-watchdog'],
    files: [...virt.files, 'files-screen'],
  },
  // Its header's UART belongs to the fingerprint sensor, so the console is where nobody looks.
  'raspberry-pi-4': {
    board: 'raspberry-pi-4',
    kernelWords: 'console=tty3 vt.global_cursor_default=0',
    deviceTree: 'fdt_addr',
    // Not `uboot.env`, which Debian's U-Boot for this board takes for all of its own variables.
    slotVariables: { file: 'slots.env', copy: 'slots.bak' },
    // Built in are: to stop where a key is pressed or a byte comes in on the header's UART, on which sensors greet whoever
    // switches them on; to look for USB devices first; to start from a USB stick, or the network, where the card has nothing.
    // Addresses: include/configs/rpi.h of U-Boot 2023.01. Written on the display alone, since the UART is the sensor's.
    uBoot: {
      bootdelay: '-2',
      bootcmd: `setenv devtype mmc; setenv devnum 0; load mmc 0:1 \${scriptaddr} boot.scr && source \${scriptaddr}; reset`,
      kernel_addr_r: '0x00080000',
      scriptaddr: '0x02400000',
      ramdisk_addr_r: '0x02700000',
      fdt_high: 'ffffffffffffffff',
      initrd_high: 'ffffffffffffffff',
      stdin: 'nulldev',
      stdout: 'vidconsole',
      stderr: 'vidconsole',
    },
    slotMib: SCREEN_SLOT_MIB,
    screen: ['WLR_RENDERER=gles2'],
    packages: ['raspi-firmware', 'u-boot-rpi', 'firmware-brcm80211', 'wireless-regdb', 'wpasupplicant'],
    components: ['non-free-firmware'],
    files: ['files-raspberry-pi-4', 'files-screen'],
    units: { 'tunggal-wifi.service': 'multi-user.target' },
    // Display, sound, touch; radio, network; buses, watchdog, clock rate.
    kernelModules: [
      ...['vc4', 'v3d', 'snd_soc_hdmi_codec', 'snd_bcm2835', 'edt_ft5x06', 'raspberrypi_ts'],
      ...['brcmfmac', 'genet'],
      ...['i2c_bcm2835', 'pwm_bcm2835', 'bcm2835_wdt', 'raspberrypi_cpufreq'],
    ],
    bootFiles: [
      'usr/lib/raspi-firmware/start4.elf',
      'usr/lib/raspi-firmware/fixup4.dat',
      'usr/lib/u-boot/rpi_arm64/u-boot.bin',
      'usr/lib/linux-image-*/broadcom/bcm2711-rpi-4-b.dtb',
    ],
    // /dev/ttyAMA0 is Bluetooth's there; here it is on the header, pins 8 and 10. Debian's tree has no symbols, so that
    // the firmware's overlays and parameters ("disable-bt", "i2c_arm") do nothing with it; I2C and watchdog are on in it.
    treeEdits: [
      { removeNode: `${PL011}/bluetooth` },
      { node: PL011, removeProperty: 'uart-has-rtscts' },
      { node: HEADER_PINS, property: 'phandle', cell: HEADER_PINS_PHANDLE },
      { node: PL011, property: 'pinctrl-0', cell: HEADER_PINS_PHANDLE },
      { node: '/soc/serial@7e215040', property: 'status', text: 'disabled' },
      { node: '/chosen', removeProperty: 'stdout-path' },
      // The card, also where the radio's bus is found first: U-Boot looks for its variables on number 0.
      { node: '/aliases', property: 'mmc0', text: '/emmc2bus/mmc@7e340000' },
      // Pins 3 and 5 are /dev/i2c-1, also where a display's bus is found first.
      { node: '/aliases', property: 'i2c1', text: '/soc/i2c@7e804000' },
    ],
    bootConfig: `# Read by the board's own firmware (raspberrypi.com, "config.txt"), which starts U-Boot.
arm_64bit=1
kernel=u-boot.bin
enable_uart=1
disable_splash=1
# As fast as it can from the start, not once Linux asks for it, and without a second's wait.
arm_boost=1
initial_turbo=60
boot_delay=0
`,
  },
} as const satisfies Record<string, Variant>

export type VariantName = keyof typeof variants
export const variantNames = Object.keys(variants) as readonly VariantName[]
