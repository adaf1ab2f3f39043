import type { ReceiptTexts } from './texts.ts'

/** What the paper says, in English. */
export const en: ReceiptTexts = {
  title: 'FINGERPRINT ENROLMENT RECEIPT',
  kiosk: 'Kiosk',
  recordId: 'Record number',
  nik: 'NIK',
  at: 'Time',
  fingers: 'Fingers',
  captured: count => `${count} ${count === 1 ? 'finger' : 'fingers'} recorded`,
  forced: count => `${count} of them of low quality; this is not your fault`,
  excepted: count => `${count} ${count === 1 ? 'finger' : 'fingers'} excepted`,
  statusTitle: 'How far is it?',
  reached: '[x] Stored safely at this kiosk',
  ahead: ['[ ] Received at the centre', '[ ] Checked: one person, one record', '[ ] Ready for the e-KTP'],
  online: 'Your record is on its way to the centre.',
  offline:
    'Not sent yet: the link to the centre is down. Your record is stored safely at this kiosk and is sent by itself once the link is back. You need not wait, nor be recorded again.',
  nextTitle: 'What comes next',
  next: 'The check at the centre can take from minutes to months. Keep this receipt: with the code below, a kiosk or an officer can see how far your record is.',
  slip: {
    title: 'SLIP TO FETCH YOUR E-KTP',
    readySince: 'Printed',
    bring:
      'Bring this slip and your family card to the counter of this office. Staff scan the code below and hand you your e-KTP.',
  },
  rights:
    'You may see and correct your data, and withdraw your consent (Law 27/2022). Please ask an officer.',
}
