interface FaultTexts {
  readonly title: string
  readonly whatToDo: string
  readonly staff: string
  readonly kiosk: string
  readonly code: string
}

const id: FaultTexts = {
  title: 'Kios ini tidak dapat digunakan',
  whatToDo: 'Silakan ke petugas, atau gunakan kios lain.',
  staff:
    'Untuk petugas: kios mencoba lagi sendiri setiap sepuluh menit. Sampaikan nama dan kode ini ke pusat, dan jangan membuang kartunya: perekaman yang belum terkirim ada di sana.',
  kiosk: 'Nama kios',
  code: 'Kode',
}

const en: FaultTexts = {
  title: 'This kiosk cannot be used',
  whatToDo: 'Please go to an officer, or use another kiosk.',
  staff:
    'For staff: it tries again by itself every ten minutes. Tell the centre this name and code, and do not throw the card away: recordings that were not sent yet are on it.',
  kiosk: 'Name of the kiosk',
  code: 'Code',
}

/** Indonesian first: both are on the screen. */
export const faultTexts = { id, en } as const
