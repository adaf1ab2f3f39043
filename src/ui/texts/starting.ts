interface StartingTexts {
  readonly title: string
  readonly whatToDo: string
}

const id: StartingTexts = {
  title: 'Kios sedang mulai',
  whatToDo: 'Mohon tunggu sebentar.',
}

const en: StartingTexts = {
  title: 'The kiosk is starting',
  whatToDo: 'Please wait a moment.',
}

/** Indonesian first: both are on the screen. */
export const startingTexts = { id, en } as const
