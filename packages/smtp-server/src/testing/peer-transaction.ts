/**
 * The order of MAIL, RCPT, DATA and BDAT that a scripted peer keeps where its script says nothing else (RFC 5321 §4.1.4,
 * RFC 3030 §2). It goes by the replies that were said: a script that takes what comes out of order has made it right.
 */

/** The transaction of one conversation. */
export class PeerTransaction {
  /** `failed`: a chunk was refused; only RSET and a hello lead on. */
  #state: 'none' | 'open' | 'chunks' | 'failed' = 'none'
  #recipients = 0

  /** Those that were accepted. */
  get recipients(): number {
    return this.#recipients
  }

  /** Whether MAIL is in order. */
  get takesMail(): boolean {
    return this.#state === 'none'
  }

  /** Whether RCPT is in order. */
  get takesRcpt(): boolean {
    return this.#state === 'open'
  }

  /** Whether DATA is in order: somebody was accepted, and no BDAT came before. */
  get takesData(): boolean {
    return this.#state === 'open' && this.#recipients > 0
  }

  /** Whether BDAT is in order. */
  get takesChunk(): boolean {
    return this.takesData || this.#state === 'chunks'
  }

  /** MAIL was accepted. */
  begin(): void {
    this.#state = 'open'
    this.#recipients = 0
  }

  /** RCPT was accepted. */
  addRecipient(): void {
    if (this.#state === 'none') this.begin()
    this.#recipients += 1
  }

  /** A chunk was answered that is not the last. */
  chunked(accepted: boolean): void {
    this.#state = accepted ? 'chunks' : 'failed'
  }

  /** The message was answered, or all is forgotten. */
  end(): void {
    this.#state = 'none'
    this.#recipients = 0
  }
}
