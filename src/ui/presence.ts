/** Asked by the page that a display shows before there is a kiosk (`page/starting.ts`): 204 from both of a kiosk's servers. */
export const PRESENCE_PATH = '/present'
