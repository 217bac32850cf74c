/**
 * How a client introduces itself: EHLO, HELO where that is not known (RFC 5321 §3.2), or LHLO (RFC 2033 §4.1), and how it
 * reads what it is offered in return.
 */

import { domainToAscii, parseDomain } from '@postroad/address'
import type { Reply } from '@postroad/envelope'
import { parseExtensions, type PeerExtensions } from './client-extensions.ts'
import { ClientSessionError } from './client-fault.ts'
import type { ClientSessionOptions } from './client-session-options.ts'

/** The introduction of one session; used by `ClientSession` alone. */
export class ClientHello {
  /** EHLO or LHLO, without CRLF. */
  readonly #line: string
  /** What is said where that is not known; `undefined`: nothing. */
  readonly #fallback: string | undefined
  readonly #ignored: ReadonlySet<string>
  #standing: PeerExtensions | undefined
  #fellBack = false

  /** @throws {ClientSessionError} `SMTP_CLIENT_HOSTNAME` where the hostname would not be one word of ASCII. */
  constructor({ hostname, protocol, ignoredKeywords }: ClientSessionOptions) {
    const name = toWord(hostname)
    this.#line = `${protocol === 'lmtp' ? 'LHLO' : 'EHLO'} ${name}`
    this.#fallback = protocol === 'lmtp' ? undefined : `HELO ${name}`
    this.#ignored = new Set(ignoredKeywords?.map((keyword) => keyword.toUpperCase()))
  }

  /** What to say first; `standing`: what is offered by now, and stays so where the peer refuses to be asked again. */
  begin(standing?: PeerExtensions): string {
    this.#standing = standing
    this.#fellBack = false
    return this.#line
  }

  /** Takes the answer: what is offered, what to say instead, or `undefined` where the peer will not have us. */
  take(reply: Reply): PeerExtensions | string | undefined {
    if (reply.code < 300) return parseExtensions(reply, !this.#fellBack, this.#ignored)
    // RFC 5321 §4.1.4: a server that refuses EHLO stays as it was.
    if (this.#standing !== undefined) return this.#standing
    // RFC 5321 §3.2: HELO where EHLO is not known; LMTP has no other (RFC 2033 §4.1).
    if (reply.code < 500 || this.#fellBack) return undefined
    this.#fellBack = true
    return this.#fallback
  }
}

/** RFC 6531 §3.7.1: a domain is said in ASCII, with A-labels. */
function toWord(hostname: string): string {
  if (/^[!-~]+$/.test(hostname)) return hostname
  const domain = parseDomain(hostname, { smtputf8: true })
  const ascii = domain.ok ? domainToAscii(domain.value) : domain
  if (ascii.ok) return ascii.value
  throw new ClientSessionError(
    'SMTP_CLIENT_HOSTNAME',
    'The hostname for EHLO is empty, holds a space or a control character, or has no form in ASCII.',
  )
}
