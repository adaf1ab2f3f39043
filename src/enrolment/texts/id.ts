/** What the paper says, in Indonesian. Characters that a receipt printer has; no more. */
export const id = {
  title: 'BUKTI PEREKAMAN SIDIK JARI',
  kiosk: 'Kios',
  recordId: 'Nomor rekaman',
  nik: 'NIK',
  at: 'Waktu',
  fingers: 'Jari',
  captured: (count: number) => `${count} jari terekam`,
  forced: (count: number) => `${count} di antaranya bermutu rendah; ini bukan kesalahan Anda`,
  excepted: (count: number) => `${count} jari dikecualikan`,
  statusTitle: 'Sampai di mana?',
  reached: '[x] Tersimpan aman di kios ini',
  ahead: ['[ ] Diterima pusat data', '[ ] Diperiksa: satu orang, satu rekaman', '[ ] Siap cetak KTP-el'],
  online: 'Rekaman Anda sedang dikirim ke pusat data.',
  offline:
    'Belum terkirim: sambungan ke pusat data sedang terputus. Rekaman Anda aman tersimpan di kios ini dan terkirim sendiri begitu sambungan pulih. Anda tidak perlu menunggu atau merekam ulang.',
  nextTitle: 'Selanjutnya',
  next: 'Pemeriksaan di pusat data dapat berlangsung beberapa menit sampai beberapa bulan. Simpan struk ini: dengan kode di bawah, kios atau petugas dapat melihat status rekaman Anda.',
  slip: {
    title: 'SLIP PENGAMBILAN KTP-el',
    readySince: 'Tercetak',
    bring:
      'Bawa slip ini dan Kartu Keluarga ke loket di kantor ini. Petugas memindai kode di bawah, lalu menyerahkan KTP-el Anda.',
  },
  rights:
    'Anda berhak melihat, memperbaiki, dan menarik persetujuan atas data Anda (UU 27/2022). Tanyakan kepada petugas.',
}
