/**
 * The certificates of a server, read once: which of them answers to which name, and the keys of its session tickets.
 *
 * They can be replaced while the server runs: handshakes that begin afterwards use the new ones, and sessions that were
 * under way keep what they agreed on. Ticket keys stay unless new ones are given, so who has a ticket can still resume.
 */

import { constants, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { SecureContext, SecureContextOptions } from 'node:tls'
import { systemRandom } from '@postroad/runtime/system'
import { SmtpServerError } from './errors.ts'

/** A key and its certificate chain, in PEM. */
export interface TlsCertificate {
  /** The private key, not encrypted: there is no place for a passphrase. */
  readonly key: string | Buffer
  /** Ours first, then those of its issuers; without the root, which clients have. */
  readonly cert: string | Buffer
  /**
   * The names that it answers to; absent: those of its subjectAltName. `*` stands for one label, the first
   * (RFC 6125 §6.4.3). Not looked at where there is no other certificate.
   */
  readonly names?: readonly string[]
}

/**
 * What a server shows of itself: one certificate, several of which the client's SNI picks one, the first
 * where it names none of them; or a function that gives a context for the name, `undefined` where there is none. It is
 * called within the handshake and must answer at once; protocol versions below TLS 1.2 are refused even if it allows them.
 */
export type TlsCertificates =
  | TlsCertificate
  | { readonly certificates: readonly TlsCertificate[] }
  | { readonly contextFor: (serverName: string | undefined) => SecureContext }

/** What holds for all handshakes of a server. */
export interface TlsSettings {
  /** TLS from the first byte (RFC 8314 §3); false: STARTTLS is offered. */
  readonly implicit?: boolean
  /** Whether the client is asked for a certificate; `none`. It is never made to show one: the handler decides. */
  readonly clientCertificates?: 'none' | 'request'
  /** What a client's certificate is verified by, in PEM; absent: the roots that come with Node. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[]
  /**
   * 48 bytes by which session tickets are sealed: with the same, several servers resume each other's sessions, and who
   * has them can read what was recorded. Absent: made up at the start. No use with `contextFor`.
   */
  readonly ticketKeys?: Uint8Array
}

/** TLS of a server. */
export type TlsOptions = TlsSettings & TlsCertificates

/** The contexts of one server. */
export class TlsContexts {
  readonly #ca: TlsSettings['ca']
  #ticketKeys: Uint8Array
  #first: () => SecureContext
  /** Absent: there is one for all names. */
  #pick: ((serverName: string) => SecureContext) | undefined

  /** @throws {SmtpServerError} `SMTP_SERVER_CERTIFICATE` */
  constructor({ ca, ticketKeys = systemRandom.bytes(TICKET_KEY_BYTES), ...certificates }: TlsOptions) {
    this.#ca = ca
    this.#ticketKeys = ticketKeys
    this.#first = unset
    this.replace(certificates)
  }

  /** For a handshake that begins. */
  get first(): SecureContext {
    return this.#first()
  }

  /** Whether a name could pick another than the first. */
  get several(): boolean {
    return this.#pick !== undefined
  }

  /** For a client that asks for a name. */
  pick(serverName: string): SecureContext {
    return this.#pick === undefined ? this.#first() : this.#pick(serverName)
  }

  /**
   * Takes others from now on; where it throws nothing has changed.
   *
   * @throws {SmtpServerError} `SMTP_SERVER_CERTIFICATE`
   */
  replace(certificates: TlsCertificates, ticketKeys: Uint8Array = this.#ticketKeys): void {
    if (ticketKeys.length !== TICKET_KEY_BYTES) throw unfit('ticketKeys are not 48 bytes')
    if ('contextFor' in certificates) {
      const { contextFor } = certificates
      this.#first = () => contextFor(undefined)
      this.#pick = contextFor
    } else {
      const all = 'certificates' in certificates ? certificates.certificates : [certificates]
      const contexts = all.map((certificate) => this.#createContext(certificate, ticketKeys))
      const [first] = contexts
      if (first === undefined) throw unfit('there is no certificate')
      this.#first = () => first
      this.#pick = all.length === 1 ? undefined : pickByName(all, contexts, first)
    }
    this.#ticketKeys = ticketKeys
  }

  /** TLS 1.2 at least (RFC 8314 §4.1), no renegotiation, ciphers in our order. */
  #createContext({ key, cert }: TlsCertificate, ticketKeys: Uint8Array): SecureContext {
    const options: SecureContextOptions = {
      key,
      cert,
      minVersion: 'TLSv1.2',
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_CIPHER_SERVER_PREFERENCE,
      ticketKeys: Buffer.from(ticketKeys),
      // Without it a client that showed a certificate could not resume.
      sessionIdContext: 'postroad',
    }
    if (this.#ca !== undefined)
      options.ca = typeof this.#ca === 'string' || Buffer.isBuffer(this.#ca) ? this.#ca : [...this.#ca]
    try {
      return createSecureContext(options)
    } catch (cause) {
      throw unfit('a key and its certificate do not fit', cause)
    }
  }
}

const TICKET_KEY_BYTES = 48

/** Names are compared without regard to case; the first certificate for a name counts. */
function pickByName(
  certificates: readonly TlsCertificate[],
  contexts: readonly SecureContext[],
  otherwise: SecureContext,
): (serverName: string) => SecureContext {
  const byName = new Map<string, SecureContext>()
  for (const [index, certificate] of certificates.entries()) {
    for (const name of certificate.names ?? namesOf(certificate)) {
      const lower = name.toLowerCase()
      const context = contexts[index]
      if (context !== undefined && !byName.has(lower)) byName.set(lower, context)
    }
  }
  return (serverName) => {
    const name = serverName.toLowerCase()
    const dot = name.indexOf('.')
    return byName.get(name) ?? (dot === -1 ? undefined : byName.get(`*${name.slice(dot)}`)) ?? otherwise
  }
}

/** The DNS names of a certificate's subjectAltName. */
function namesOf({ cert }: TlsCertificate): readonly string[] {
  const names: string[] = []
  for (const part of new X509Certificate(cert).subjectAltName?.split(', ') ?? []) {
    // A name with anything unusual in it is quoted: it is nobody's host name.
    if (/^DNS:[\w.*-]+$/.test(part)) names.push(part.slice('DNS:'.length))
  }
  return names
}

function unfit(what: string, cause?: unknown): SmtpServerError {
  return new SmtpServerError('SMTP_SERVER_CERTIFICATE', what, { cause })
}

function unset(): never {
  throw unfit('there is no certificate')
}
