/** How one server session behaves. */

import type { Extension } from './extension.ts'
import type { Protocol } from './handler.ts'
import type { SessionLimits } from './session-limits.ts'

/** How a session behaves. */
export interface ServerSessionOptions {
  /**
   * Our name: in the greeting, in the reply to EHLO, in 221 and 421. A word of printable ASCII of up to 255 octets is said
   * as it is, a domain with U-labels in A-labels; nothing else is one.
   */
  readonly hostname: string
  /**
   * `lmtp`: LHLO in the place of EHLO and HELO, and a reply to the content for each recipient (RFC 2033 §4.1, §4.2).
   * `submission` is `smtp` with the extensions that are for submission alone.
   */
  readonly protocol: Protocol
  /** Those not given are as in `DEFAULT_SESSION_LIMITS`. */
  readonly limits?: Partial<SessionLimits>
  /**
   * What becomes of a limit below the floor that a standard demands: `refuse`, and the session is not made; or `allow`,
   * for tests, and for a server whose clients are all known.
   */
  readonly belowFloors?: 'refuse' | 'allow'
  /** What becomes of a bare CR or LF in content, and of a bare LF behind a command; `refuse`. */
  readonly bareNewlines?: 'refuse' | 'repair'
  /** STARTTLS is possible; false. */
  readonly startTls?: boolean
  /** Mechanisms of AUTH, as registered, in order of preference; none. */
  readonly mechanisms?: readonly string[]
  /** Mechanisms that show a password or a token are offered without TLS, too; false (RFC 4954 §4). */
  readonly allowPlaintextAuth?: boolean
  /**
   * Service extensions; `EXTENSIONS`. A command that only an extension brings is answered 502 where that is not here, VERB
   * and ONEX 500; without ENHANCEDSTATUSCODES no reply carries an enhanced status code (RFC 2034 §4).
   */
  readonly extensions?: readonly Extension[]
  /**
   * The client is one of our own: it may say who its client is (XCLIENT, XFORWARD), who submitted a message (AUTH=), and
   * raise a priority (MT-PRIORITY) without having authenticated; false. Once XCLIENT has named another client the latter two
   * are that one's word, and count only where LOGIN says that it has authenticated. XCLIENT itself stays possible: a proxy
   * must not pass on one of its client's.
   */
  readonly trusted?: boolean
  /**
   * Commands agreed on with the client, by word in any case (RFC 5321 §4.1.5: `X...`): each comes as an event `command`, in
   * any state in which commands are read. Those that the session knows itself keep their meaning; none.
   */
  readonly commands?: readonly string[]
  /** Is told each line of the dialogue, for a debug log: credentials are left out, content is never told. */
  readonly onLine?: (from: 'client' | 'server', line: string) => void
}
