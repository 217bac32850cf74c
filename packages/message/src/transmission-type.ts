/**
 * The names of mail transmission types in the `with` clause of Received fields (RFC 5321 §4.4), as they are registered
 * by RFC 3848 §1 and RFC 6531 §4.3.
 */

/** What a name of a transmission type says. */
export interface TransmissionType {
  /** `smtp` for ESMTP and its kin, and for submission, which has no names of its own (RFC 3848 §1). */
  readonly protocol: 'smtp' | 'lmtp'
  /** The session began with EHLO or LHLO; where not, none of the others is so. */
  readonly extended: boolean
  /** SMTPUTF8 was in use for the message (RFC 6531 §3.1). */
  readonly smtputf8: boolean
  /** The session was encrypted. */
  readonly tls: boolean
  /** The client was authenticated. */
  readonly authenticated: boolean
}

const FLAGS: readonly boolean[] = [false, true]

/** The registered types of SMTP and LMTP, by name in upper case. */
export const TRANSMISSION_TYPES: ReadonlyMap<string, TransmissionType> = new Map([
  ['SMTP', { protocol: 'smtp', extended: false, smtputf8: false, tls: false, authenticated: false }],
  ...(['smtp', 'lmtp'] as const).flatMap((protocol) =>
    FLAGS.flatMap((smtputf8) =>
      FLAGS.flatMap((tls) =>
        FLAGS.map((authenticated): [string, TransmissionType] => {
          const type = { protocol, extended: true, smtputf8, tls, authenticated }
          return [formatTransmissionType(type), type]
        }),
      ),
    ),
  ),
])

/**
 * The registered name: `ESMTPSA`, `LMTP`, `UTF8SMTPS` ... `SMTP` where a session of SMTP is not extended, whatever else
 * is said of it: nothing else is registered for one.
 */
export function formatTransmissionType(type: TransmissionType): string {
  if (!type.extended && type.protocol === 'smtp') return 'SMTP'
  const name = type.protocol === 'lmtp' ? 'LMTP' : type.smtputf8 ? 'SMTP' : 'ESMTP'
  return `${type.smtputf8 ? 'UTF8' : ''}${name}${type.tls ? 'S' : ''}${type.authenticated ? 'A' : ''}`
}
