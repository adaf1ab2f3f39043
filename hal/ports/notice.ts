/** What a kiosk tells the people around it, beside its screen. */
export const notices = ['ready', 'busy', 'attention', 'fault', 'help-called'] as const
export type Notice = (typeof notices)[number]
