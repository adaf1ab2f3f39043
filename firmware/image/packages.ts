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
