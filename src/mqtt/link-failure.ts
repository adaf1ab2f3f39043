/** Why a link could not be made or ended, in words for a technician's log. */
const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody-listens-there',
  ENOTFOUND: 'host-unknown',
  EAI_AGAIN: 'host-unknown',
  ECONNRESET: 'connection-reset',
  ETIMEDOUT: 'no-answer',
  EHOSTUNREACH: 'network-unreachable',
  ENETUNREACH: 'network-unreachable',
  ERR_TLS_CERT_ALTNAME_INVALID: 'broker-certificate-for-another-host',
  CERT_HAS_EXPIRED: 'broker-certificate-expired',
  CERT_NOT_YET_VALID: 'broker-certificate-not-yet-valid',
  CERT_REVOKED: 'broker-certificate-revoked',
  SELF_SIGNED_CERT_IN_CHAIN: 'broker-certificate-of-another-ca',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'broker-certificate-of-another-ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'broker-certificate-of-another-ca',
  UNABLE_TO_GET_ISSUER_CERT: 'broker-certificate-of-another-ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'broker-certificate-of-another-ca',
  CERT_SIGNATURE_FAILURE: 'broker-certificate-of-another-ca',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'broker-without-tls-1.3',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'broker-without-tls-1.3',
  ERR_SSL_WRONG_VERSION_NUMBER: 'broker-without-tls',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'own-certificate-missing',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: 'own-certificate-revoked',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'own-certificate-expired',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'own-certificate-of-another-ca',
}

/** MQTT 5.0 reason codes of CONNACK and DISCONNECT (2.4) that a person can act on. */
const byReason: Readonly<Record<number, string>> = {
  132: 'broker-without-mqtt-5',
  133: 'client-id-refused',
  134: 'user-name-refused',
  135: 'not-authorized',
  137: 'broker-busy',
  138: 'banned',
  139: 'broker-shuts-down',
  141: 'keep-alive-timeout',
  142: 'client-id-taken-over',
  147: 'receive-maximum-exceeded',
  149: 'packet-too-large',
  151: 'quota-exceeded',
}

export function reasonName(reasonCode: number): string {
  return byReason[reasonCode] ?? `reason-0x${reasonCode.toString(16)}`
}

export function failureName(error: Error): string {
  const code = 'code' in error ? error.code : undefined
  if (typeof code === 'number') return reasonName(code)
  if (typeof code === 'string') return byCode[code] ?? code.toLowerCase()
  return error.message.toLowerCase().replaceAll(' ', '-').slice(0, 60)
}
