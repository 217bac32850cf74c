/** Enhanced mail system status codes (RFC 3463 §2, RFC 2034 §4). */

/** `class.subject.detail`, as in `5.1.1`. */
export type EnhancedStatusCode = SuccessStatus | TransientStatus | PermanentStatus
/** Success. */
export type SuccessStatus = `2.${number}.${number}`
/** Persistent transient failure: later may work. */
export type TransientStatus = `4.${number}.${number}`
/** Permanent failure: the same again will fail again. */
export type PermanentStatus = `5.${number}.${number}`

/** RFC 3463 §2: a class of one digit, subject and detail of one to three without leading zeros. */
const STATUS = /^([245])\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/

/** Whether the text is an enhanced status code. */
export function isStatus(text: string): text is EnhancedStatusCode {
  return STATUS.test(text)
}

/** Whether the code says that a later try may succeed. */
export function isTransient(status: EnhancedStatusCode): status is TransientStatus {
  return status.startsWith('4')
}

/** Whether the code says that trying again is useless. */
export function isPermanent(status: EnhancedStatusCode): status is PermanentStatus {
  return status.startsWith('5')
}
