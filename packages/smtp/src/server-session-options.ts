/** How one server session behaves. */

import type { Extension } from './extension.ts'
import type { Protocol } from './handler.ts'
import type { SessionLimits } from './session-limits.ts'

/** How a session behaves. */
export interface ServerSessionOptions {
  /** Our name: in the greeting, in the reply to EHLO, in 221 and 421. */
  readonly hostname: string
  readonly protocol: Protocol
  /** Those not given are as in `DEFAULT_SESSION_LIMITS`. */
  readonly limits?: Partial<SessionLimits>
  /** What becomes of a bare CR or LF in content, and of a bare LF behind a command; `refuse`. */
  readonly bareNewlines?: 'refuse' | 'repair'
  /** STARTTLS is possible; false. */
  readonly startTls?: boolean
  /** Mechanisms of AUTH, as registered, in order of preference; none. */
  readonly mechanisms?: readonly string[]
  /** AUTH is offered without TLS, too; false (RFC 4954 §4). */
  readonly allowPlaintextAuth?: boolean
  /** Service extensions; `EXTENSIONS`. */
  readonly extensions?: readonly Extension[]
  /** Is told each line of the dialogue, for a debug log: credentials are left out, content is never told. */
  readonly onLine?: (from: 'client' | 'server', line: string) => void
}
