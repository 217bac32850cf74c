/** How a client session is set up. */

import type { ClientDeadlines } from './client-deadlines.ts'
import type { ReplyReaderOptions } from './reply-reader.ts'

/** How a client session is set up. All but the first two are optional. */
export interface ClientSessionOptions {
  /** Our name for EHLO: a domain or an address literal (RFC 5321 §4.1.1.1). */
  readonly hostname: string
  readonly protocol: 'smtp' | 'lmtp'
  /** Those given replace the defaults (`CLIENT_DEADLINES`). */
  readonly deadlines?: Partial<ClientDeadlines>
  /** Bounds of a reply. */
  readonly replies?: ReplyReaderOptions
  /** Told each line of the dialogue, without CRLF; what follows AUTH is replaced, content is never given. */
  readonly onLine?: (from: 'client' | 'server', line: string) => void
}
