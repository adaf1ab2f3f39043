/** Debian packages of the image, beside those that Debian calls required. */
export const DEBIAN_PACKAGES = [
  // Start-up, devices, network, time
  'systemd',
  'systemd-sysv',
  'systemd-resolved',
  'systemd-timesyncd',
  'udev',
  'dbus',
  'kmod',
  'nftables',
  'tzdata',
  'linux-image-arm64',
  'initramfs-tools',
  'zstd',
  // Slots and updates
  'rauc',
  'rauc-service',
  'libubootenv-tool',
  'e2fsprogs',
  'dosfstools',
  // The runtime
  'libstdc++6',
  'espeak-ng',
] as const

/** What shows the page. */
export const SCREEN_PACKAGES = ['seatd', 'sway', 'chromium', 'fonts-dejavu-core'] as const

/** What of any package no kiosk reads, as dpkg's `path-exclude`. */
export const EXCLUDED_PATHS = [
  '/usr/share/man/*',
  '/usr/share/info/*',
  '/usr/share/locale/*',
  '/usr/share/doc/*',
] as const
/** What stays of it. */
export const INCLUDED_PATHS = ['/usr/share/doc/*/copyright'] as const

/**
 * Of the kernel's modules those without which a kiosk lacks a part that may be plugged into any board, or a way to its bus:
 * sticks, printers, scanners, keyboards, touch screens, loudspeakers.
 */
export const KERNEL_MODULES = [
  'cdc_acm',
  'ch341',
  'cp210x',
  'ftdi_sio',
  'hid_generic',
  'hid_multitouch',
  'i2c_dev',
  'pl2303',
  'snd_usb_audio',
  'usb_storage',
  'usbhid',
  'usblp',
  'xhci_pci',
] as const

/** A slot with a browser has to fit twice on a card: what else it goes without. */
export const EXCLUDED_BESIDE_SCREEN = [
  // Of Vulkan: its stand-ins for a graphics processor, and what developers check with.
  '/usr/lib/chromium/libvk_swiftshader.so',
  '/usr/lib/chromium/libVkLayer_*',
  '/usr/lib/chromium/libVkICD_*',
  // Cards of servers and desktops, cameras and television, and file systems that no part of ours has.
  ...[
    'drivers/gpu/drm/amd',
    'drivers/gpu/drm/nouveau',
    'drivers/gpu/drm/radeon',
    'drivers/infiniband',
    'drivers/media',
    'drivers/net/ethernet/chelsio',
    'drivers/net/ethernet/hisilicon',
    'drivers/net/ethernet/intel',
    'drivers/net/ethernet/mellanox',
    'drivers/net/ethernet/qlogic',
    'drivers/net/ethernet/sfc',
    'drivers/scsi/bfa',
    'drivers/scsi/lpfc',
    'drivers/scsi/qla2xxx',
    'fs/btrfs',
    'fs/ceph',
    'fs/gfs2',
    'fs/nfs',
    'fs/nfsd',
    'fs/ocfs2',
    'fs/smb',
    'fs/xfs',
    'sound/pci',
  ].map(folder => `/lib/modules/*/kernel/${folder}/*`),
] as const
/** What stays of it: modules that a Raspberry Pi's display, and loudspeakers on USB, want. */
export const INCLUDED_BESIDE_SCREEN = [
  '/lib/modules/*/kernel/drivers/media/cec/*',
  '/lib/modules/*/kernel/drivers/media/mc/*',
  '/lib/modules/*/kernel/drivers/media/rc/rc-core.ko',
] as const
