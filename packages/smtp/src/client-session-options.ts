/** What a client session is made with. */

import type { ClientDeadlines } from './client-deadlines.ts'
import type { ReplyReaderOptions } from './reply-reader.ts'

/** How a client session is set up. All but the first two are optional. */
export interface ClientSessionOptions {
  /** Our name for EHLO: a domain or an address literal (RFC 5321 §4.1.1.1). */
  readonly hostname: string
  /** `lmtp` says LHLO, and has a reply for each recipient behind the content (RFC 2033 §4.2). */
  readonly protocol: 'smtp' | 'lmtp'
  /** Those given replace the defaults (`CLIENT_DEADLINES`). */
  readonly deadlines?: Partial<ClientDeadlines>
  /**
   * Extensions that are switched off, by their EHLO keyword (`CHUNKING`), in any case: the session goes on as if the peer
   * had not offered them. Absent: none.
   */
  readonly ignoredKeywords?: readonly string[]
  /** Bounds of a reply; absent, and those not given: the defaults of `ReplyReader`. */
  readonly replies?: ReplyReaderOptions
  /** Told each line of the dialogue, without CRLF; what follows AUTH is replaced, content is never given. */
  readonly onLine?: (from: 'client' | 'server', line: string) => void
}
