/** What the views of people's decisions say. */
const id = {
  claims: {
    title: 'Kios baru',
    lead: 'Bandingkan kode dengan layar kios (lewat telepon). Setujui hanya jika sama.',
    none: 'Tidak ada kios yang meminta sertifikat.',
    away: 'Layanan klaim tidak berjalan: tunggal fleet claim serve.',
    name: 'Kios',
    code: 'Kode',
    site: 'Lokasi',
    requestedAt: 'Diminta',
    from: 'Dari alamat',
    act: 'Keputusan',
    approve: 'Kodenya sama: setujui',
    reject: 'Tolak',
  },
  cases: {
    title: 'Ajudikasi',
    lead: 'Dua orang memutuskan tanpa saling tahu; jika berbeda, orang ketiga. Apakah ini jari satu orang?',
    none: 'Tidak ada rekaman yang menunggu keputusan.',
    away: 'ABIS tidak berjalan di mesin ini.',
    kiosk: 'Kios',
    receivedAt: 'Diterima',
    reason: 'Sebab',
    progress: 'Keputusan',
    counts: (decided: number, wanted: number) => `${decided} sudah, ${wanted} lagi`,
    look: 'Periksa',
    back: 'Semua rekaman',
    picture: 'Jari rekaman ini di kiri, jari rekaman yang lebih dulu di kanan',
    duplicate: 'Satu orang',
    distinct: 'Dua orang',
    noted: 'Keputusan Anda dicatat.',
    gone: 'Rekaman ini tidak menunggu keputusan lagi.',
    reasons: {
      resembles: 'Mirip rekaman lain dengan NIK lain',
      'other-fingers-of-this-nik': 'NIK ini sudah direkam dengan jari lain',
      'no-fingers': 'Tidak ada jari yang dapat dibandingkan',
    },
  },
  problem: (code: string) =>
    code === 'adjudication/decided-before'
      ? 'Anda sudah memutuskan rekaman ini: orang lain harus memutuskan.'
      : `Tidak dapat dilakukan [${code}].`,
}
export type DeskTexts = typeof id

const en: DeskTexts = {
  claims: {
    title: 'New kiosks',
    lead: "Compare the code with the kiosk's screen (by telephone). Approve only if it is the same.",
    none: 'No kiosk asks for a certificate.',
    away: 'The claim service does not run: tunggal fleet claim serve.',
    name: 'Kiosk',
    code: 'Code',
    site: 'Site',
    requestedAt: 'Asked',
    from: 'From address',
    act: 'Decision',
    approve: 'The code is the same: approve',
    reject: 'Reject',
  },
  cases: {
    title: 'Adjudication',
    lead: 'Two people decide without knowing of each other; where they differ, a third. Are these the fingers of one person?',
    none: 'No record waits for a decision.',
    away: 'No ABIS runs on this machine.',
    kiosk: 'Kiosk',
    receivedAt: 'Received',
    reason: 'Why',
    progress: 'Decisions',
    counts: (decided, wanted) => `${decided} made, ${wanted} more`,
    look: 'Look',
    back: 'All records',
    picture: 'The fingers of this record on the left, those of the earlier one on the right',
    duplicate: 'One person',
    distinct: 'Two people',
    noted: 'Your decision is noted.',
    gone: 'This record waits for no decision any more.',
    reasons: {
      resembles: 'Resembles another record under another NIK',
      'other-fingers-of-this-nik': 'This NIK was recorded with other fingers',
      'no-fingers': 'There are no fingers to compare',
    },
  },
  problem: code =>
    code === 'adjudication/decided-before'
      ? 'You have decided on this record: another person has to.'
      : `This cannot be done [${code}].`,
}

export const deskTexts = { id, en } as const
