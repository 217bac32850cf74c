/** Submits one message as a mail client does (RFC 6409): one connection, TLS, AUTH, one transaction, QUIT. */

import type { DeliveryPhase, PeerRecord } from '@postroad/delivery'
import type { ContentFacts, ContentSource, Envelope, RecipientOutcome } from '@postroad/envelope'
import type { Clock } from '@postroad/runtime'
import { ConnectionPool } from './connection-pool.ts'
import { deliverEnvelope } from './deliver-envelope.ts'
import type { Dial } from './dial.ts'
import type { ClientIdentity, HostCredentials, HostDestination, LocalAddress, TlsMode } from './host-destination.ts'
import type { ClientObserver } from './observer.ts'
import { ContentScan } from './scan-content.ts'
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
  /** Our name for EHLO. */
  readonly hostname: string
  readonly envelope: Envelope
  /**
   * With CRLF line ends. Without `facts` a stream is first read whole into memory. With `facts` it is read once, as it
   * is sent: recipients beyond what the server takes in one transaction (RFC 9422) are deferred then.
   */
  readonly content: Uint8Array | AsyncIterable<Uint8Array>
  /** Absent: found out by reading the content. */
  readonly facts?: ContentFacts
  readonly clock: Clock
  /** Whose certificates are believed; default: the roots that Node brings. */
  readonly trust?: TrustOptions
  /** Those given replace the defaults (`CLIENT_TIMEOUTS`). */
  readonly timeouts?: Partial<ClientTimeouts>
  /** Default `createDial`: TCP and unix sockets. */
  readonly dial?: Dial
  /** Sends credentials also in clear, or to a host whose certificate was not verified; default false. */
  readonly exposeCredentials?: boolean
  /** Told each line of the dialogue without CRLF; what follows AUTH is `****`, content is never given. */
  readonly onDialogue?: (from: 'client' | 'server', line: string) => void
  /** Gives up: who has no outcome by then is `deferred` or `unknown`. Absent: nobody does. */
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
  readonly phase: DeliveryPhase
  readonly durationMs: number
}

/**
 * Submits one message. Never rejects for what the server does; rejects where the content cannot be read, and for another
 * fault of ours: a `hostname` with a space (`SMTP_CLIENT_HOSTNAME`), a certificate that is none.
 */
export async function sendMessage(options: SendMessageOptions): Promise<SendMessageReport> {
  const { clock, envelope, onDialogue, signal = new AbortController().signal } = options
  const source = await createSource(options.content, options.facts)
  const observer: ClientObserver | undefined = onDialogue && {
    observe: () => {},
    dialogue: ({ from, line }) => onDialogue(from, line),
  }
  const setting = createSetting({ ...options, ...(observer === undefined ? {} : { observer }) })
  const marks: { readonly phase: DeliveryPhase; readonly at: number }[] = []
  const onPhase = (phase: DeliveryPhase): void => {
    if (marks.at(-1)?.phase !== phase) marks.push({ phase, at: clock.monotonic() })
  }
  const timings = (): PhaseTiming[] => {
    const endedAt = clock.monotonic()
    return marks.map(({ phase, at }, index) => ({ phase, durationMs: (marks[index + 1]?.at ?? endedAt) - at }))
  }

  const pool = new ConnectionPool({ maxIdleMs: 0 })
  const bareNewlines = source.facts.binary && source.bareNewlines
  try {
    const { outcomes, phase, peer, error } = await deliverEnvelope(setting, pool, {
      envelope,
      content: source,
      destination: destinationOf(options),
      signal,
      bareNewlines,
      readOnce: source.readOnce,
      onPhase,
    })
    return { outcomes, phase, peer, timings: timings(), error }
  } finally {
    await pool.close()
  }
}

function destinationOf(options: SendMessageOptions): HostDestination {
  const { host, port, address, tls, credentials, localAddress, identity, protocol = 'smtp' } = options
  return {
    protocol,
    host,
    port,
    tls,
    ...(address === undefined ? {} : { address }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(identity === undefined ? {} : { identity }),
  }
}

/** What is known of the content besides its facts. */
type ScannedSource = ContentSource & { readonly bareNewlines: boolean; readonly readOnce: boolean }

async function createSource(
  content: Uint8Array | AsyncIterable<Uint8Array>,
  facts: ContentFacts | undefined,
): Promise<ScannedSource> {
  // A stream can be read once: it is taken at its facts' word.
  if (facts !== undefined && !(content instanceof Uint8Array)) {
    return { facts, bareNewlines: true, readOnce: true, open: () => content }
  }
  const chunks: Uint8Array[] = []
  if (content instanceof Uint8Array) chunks.push(content)
  else for await (const chunk of content) chunks.push(new Uint8Array(chunk))
  const scan = new ContentScan()
  for (const chunk of chunks) scan.push(chunk)
  const scanned = scan.end()
  return { facts: facts ?? scanned, bareNewlines: scan.bareNewlines, readOnce: false, open: () => iterate(chunks) }
}

async function* iterate(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void> {
  yield* chunks
}
