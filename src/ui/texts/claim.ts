import type { ErrorCode } from '../../base/errors.ts'
import type { ClaimView } from '../claim-view.ts'

export interface ClaimTexts {
  readonly title: string
  readonly whatToDo: string
  readonly kiosk: string
  readonly code: string
  readonly qrLabel: string
  readonly states: Readonly<Record<ClaimView['state'], string>>
  readonly problems: Readonly<Partial<Record<ErrorCode, string>>>
  readonly lost: string
}

const id: ClaimTexts = {
  title: 'Kios baru menunggu persetujuan',
  whatToDo:
    'Bacakan kode ini kepada petugas pusat. Petugas hanya menyetujui jika kodenya sama. Setelah itu kios mulai sendiri.',
  kiosk: 'Nama kios',
  code: 'Kode',
  qrLabel: 'Kode QR dengan nama dan kode kios',
  states: {
    asking: 'Menghubungi pusat…',
    pending: 'Menunggu persetujuan petugas pusat.',
    unreachable: 'Pusat belum dapat dihubungi. Periksa kabel dan jaringan. Kios mencoba lagi sendiri.',
    refused: 'Pusat menolak permintaan kios ini. Hubungi pusat.',
    approved: 'Disetujui. Kios sedang mulai…',
  },
  problems: {
    'claims/expired': 'Izin di kartu kios sudah habis masa berlakunya. Minta kartu baru dari pusat.',
    'claims/token-used': 'Izin di kartu kios sudah dipakai kios lain. Segera hubungi pusat.',
    'claims/unknown-token': 'Izin di kartu kios tidak dikenal pusat. Minta kartu baru dari pusat.',
    'claims/bad-answer': 'Jawaban pusat tidak sah. Hubungi pusat.',
  },
  lost: 'Kios sedang mulai. Mohon tunggu sebentar.',
}

const en: ClaimTexts = {
  title: 'New kiosk waiting for approval',
  whatToDo:
    'Read this code to central staff. They approve only if the code is the same. Then the kiosk starts by itself.',
  kiosk: 'Name of the kiosk',
  code: 'Code',
  qrLabel: 'QR code with name and code of the kiosk',
  states: {
    asking: 'Calling the centre…',
    pending: 'Waiting for central staff to approve.',
    unreachable:
      'The centre cannot be reached yet. Check cable and network. The kiosk tries again by itself.',
    refused: 'The centre refuses this kiosk. Call the centre.',
    approved: 'Approved. The kiosk is starting…',
  },
  problems: {
    'claims/expired': "The permit on the kiosk's card has expired. Ask the centre for a new card.",
    'claims/token-used': "Another kiosk has used the permit on this kiosk's card. Call the centre at once.",
    'claims/unknown-token': "The centre does not know the permit on the kiosk's card. Ask for a new card.",
    'claims/bad-answer': "The centre's answer is not genuine. Call the centre.",
  },
  lost: 'The kiosk is starting. Please wait a moment.',
}

/** Indonesian first: the technician sees both, one beside the other. */
export const claimTexts = { id, en } as const

/** One sentence on where the claim stands. */
export function claimSentence(
  texts: ClaimTexts,
  { state, problem }: Pick<ClaimView, 'state' | 'problem'>,
): string {
  const why = state === 'refused' && problem !== undefined ? texts.problems[problem] : undefined
  return why ?? texts.states[state]
}
