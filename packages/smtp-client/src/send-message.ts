/** Submits one message as a mail client does (RFC 6409): one connection, TLS, AUTH, one transaction, QUIT. */

import type { DeliveryPhase, PeerRecord } from '@postroad/delivery'
import type { ContentFacts, Envelope, RecipientOutcome } from '@postroad/envelope'
import type { Clock } from '@postroad/runtime'
import { ConnectionPool } from './connection-pool.ts'
import { deliverEnvelope } from './deliver-envelope.ts'
import type { Dial } from './dial.ts'
import type { ClientIdentity, HostCredentials, HostDestination, LocalAddress, TlsMode } from './host-destination.ts'
import { readMessage } from './message-source.ts'
import type { ClientObserver } from './observer.ts'
import type { ProxyHeader } from './proxy-header.ts'
import { createSetting } from './smtp-delivery.ts'
import type { ClientTimeouts } from './timeouts.ts'
import type { TrustOptions } from './tls-upgrade.ts'

/** What to send, and to whom to give it. */
export interface SendMessageOptions {
  /** The submission server's name, or `unix:/path`. */
  readonly host: string
  /** 587 for STARTTLS, 465 for implicit TLS (RFC 8314 §3.3). */
  readonly port: number
  /** Connects to this IP address in place of what `host` resolves to. */
  readonly address?: string
  /** `required` or `implicit` for a submission server (RFC 8314 §3). */
  readonly tls: TlsMode
  /** Default `smtp`. */
  readonly protocol?: 'smtp' | 'lmtp'
  /** Authenticates with these (RFC 4954); absent: does not. */
  readonly credentials?: HostCredentials
  /** The address of ours to call from; absent: the system chooses. */
  readonly localAddress?: LocalAddress
  /** Our certificate for TLS; absent: none. */
  readonly identity?: ClientIdentity
  /** Extensions that are not used even where the server offers them, by their EHLO keyword; absent: none. */
  readonly ignoredKeywords?: readonly string[]
  /** Tells the server by the PROXY protocol whom we speak for, before anything else; absent: nothing is told. */
  readonly proxyHeader?: ProxyHeader
  /** Our name for EHLO. */
  readonly hostname: string
  /**
   * Who sends, and to whom; one recipient at least. Where the header section of the content is in UTF-8 beyond ASCII,
   * `smtputf8` holds whatever it says: a server without SMTPUTF8 makes the message fail with 5.6.7 (RFC 6531 §3.2).
   */
  readonly envelope: Envelope
  /**
   * With CRLF line ends. Without `facts` a stream is first read whole into memory. With `facts` it is read once, as it
   * is sent: recipients beyond what the server takes in one transaction (RFC 9422) are deferred then.
   */
  readonly content: Uint8Array | AsyncIterable<Uint8Array>
  /**
   * What is known of a stream, and believed: that dots are doubled, that no bare CR or LF is sent as text, and whether
   * SMTPUTF8 is asked for, rests on it. Absent, and of bytes: found out by reading.
   */
  readonly facts?: ContentFacts
  /** Where time comes from; default: the system's. */
  readonly clock?: Clock
  /** Whose certificates are believed; default: the roots that Node brings. */
  readonly trust?: TrustOptions
  /** Those given replace the defaults (`CLIENT_TIMEOUTS`). */
  readonly timeouts?: Partial<ClientTimeouts>
  /** How connections are made; default `createDial`: TCP and unix sockets. */
  readonly dial?: Dial
  /** Sends credentials also in clear, or to a host whose certificate was not verified; default false. */
  readonly exposeCredentials?: boolean
  /** Told each line of the dialogue without CRLF; what follows AUTH is `****`, content is never given. */
  readonly onDialogue?: (from: 'client' | 'server', line: string) => void
  /** Gives up, also while the content is read: who has no outcome by then is `deferred` or `unknown`. Absent: nobody does. */
  readonly signal?: AbortSignal
}

/** What became of it. */
export interface SendMessageReport {
  /** One for each recipient, in the envelope's order. */
  readonly outcomes: readonly RecipientOutcome[]
  /** How far it came; `done` where it ran its course. */
  readonly phase: DeliveryPhase
  /** Who answered; `undefined` where nobody was reached. */
  readonly peer: PeerRecord | undefined
  /** How long each phase took, in the order in which they began; a phase that began twice stands twice. */
  readonly timings: readonly PhaseTiming[]
  /** What the network or TLS said, or what was missing, where no reply tells. */
  readonly error: Error | undefined
}

/** How long one phase took. `greeting` lasts until EHLO is answered, `mail` until the content is asked for. */
export interface PhaseTiming {
  /** What was under way. */
  readonly phase: DeliveryPhase
  /** Until the next phase began, or the report was made; by the monotonic clock. */
  readonly durationMs: number
}

/**
 * Submits one message. Never rejects for what the server does; rejects where the content cannot be read, and for another
 * fault of ours: a `hostname` with a space (`SMTP_CLIENT_HOSTNAME`), a `proxyHeader` without addresses
 * (`SMTP_CLIENT_PROXY_HEADER`), a certificate that is none.
 */
export async function sendMessage(options: SendMessageOptions): Promise<SendMessageReport> {
  const { onDialogue, signal = new AbortController().signal } = options
  const source = await readMessage(options.content, options.facts, signal)
  // RFC 6531 §3.2, §3.4: a header section in UTF-8 needs a server that takes it, as an address does.
  const envelope = source.utf8Header ? { ...options.envelope, smtputf8: true } : options.envelope
  const observer: ClientObserver | undefined = onDialogue && {
    observe: () => {},
    dialogue: ({ from, line }) => onDialogue(from, line),
  }
  const setting = createSetting({ ...options, ...(observer === undefined ? {} : { observer }) })
  const { clock } = setting
  const marks: { readonly phase: DeliveryPhase; readonly at: number }[] = []
  const onPhase = (phase: DeliveryPhase): void => {
    if (marks.at(-1)?.phase !== phase) marks.push({ phase, at: clock.monotonic() })
  }
  const timings = (): PhaseTiming[] => {
    const endedAt = clock.monotonic()
    return marks.map(({ phase, at }, index) => ({ phase, durationMs: (marks[index + 1]?.at ?? endedAt) - at }))
  }

  const pool = new ConnectionPool({ maxIdleMs: 0 })
  const { bareNewlines, readOnce } = source
  try {
    const { outcomes, phase, peer, error } = await deliverEnvelope(setting, pool, {
      envelope,
      content: source,
      destination: destinationOf(options),
      signal,
      bareNewlines,
      readOnce,
      onPhase,
    })
    return { outcomes, phase, peer, timings: timings(), error }
  } finally {
    await pool.close()
  }
}

function destinationOf(options: SendMessageOptions): HostDestination {
  const { host, port, address, tls, credentials, localAddress, identity, protocol = 'smtp' } = options
  const { ignoredKeywords, proxyHeader } = options
  return {
    protocol,
    host,
    port,
    tls,
    ...(address === undefined ? {} : { address }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(identity === undefined ? {} : { identity }),
    ...(ignoredKeywords === undefined ? {} : { ignoredKeywords }),
    ...(proxyHeader === undefined ? {} : { proxyHeader }),
  }
}
