/** Kemendagri's region codes, as NIKs begin with them: a province (2 digits), a regency or city (4), a district (6). */
export const REGION_CODE = /^[0-9]{2}([0-9]{2}){0,2}$/
/** Of regions that one kiosk names. */
export const REGION_CODES_MAX = 64
