/** One connection of a scripted peer, as scripts and tests see it. */

import type { PeerMove } from './peer-move.ts'

/** One client of a scripted peer. What it sends is recorded, all of it. */
export interface PeerConversation {
  /** Every command line that came, responses within AUTH among them; content is not here. */
  readonly lines: readonly string[]
  /** The content of each message, as Latin-1: without dot-stuffing and the final dot, the chunks of BDATs joined. */
  readonly contents: readonly string[]
  /** TLS protects it. */
  readonly secured: boolean
  /** The client has closed its side, or all is gone. */
  readonly closed: boolean
  /** Says something, asked or not: `421 4.3.2 going down` at any time. A CRLF goes behind each line. */
  say(text: string): void
  /** Writes octets as they are; text as Latin-1. */
  write(bytes: string | Uint8Array): void
  /** Does a move; resolves when it is done. */
  play(move: PeerMove): Promise<void>
  /** Lets the next piece of a drip go; false where none waits. */
  drip(): boolean
  /** Resolves at the next call of `drip`. */
  dripped(): Promise<void>
  /** Reads nothing more: what the client writes fills up. */
  pause(): void
  /** Reads on. */
  resume(): void
  /** Closes its side; what was said before still arrives. */
  hangUp(): void
  /** Closes at once: a socket with RST, which a pair of streams has not. */
  reset(): void
  /** Waits until the client closes. */
  gone(): Promise<void>
  /** The next command line, for a peer with a `converse` of its own; `undefined` where the client is gone. */
  line(): Promise<string | undefined>
  /** The content behind a 354, as `contents` has it; `undefined` where the client is gone. */
  content(): Promise<string | undefined>
  /** Does its part of a handshake with the peer's certificate; false where there is none, or it fails and all is closed. */
  startTls(): Promise<boolean>
}
