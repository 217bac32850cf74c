/** How a server behaves, and where it listens. */

import type { Clock } from '@postroad/runtime'
import type { ScramDecoy } from '@postroad/sasl'
import type { Extension, Protocol, SessionView } from '@postroad/smtp'
import type { ServerObserver } from './observer.ts'
import type { ServerHandler } from './server-handler.ts'
import type { ServerLimits } from './server-limits.ts'
import type { TlsOptions } from './tls-contexts.ts'

/** How a server behaves. */
export interface SmtpServerOptions {
  /** Our name, a domain: in the greeting and the reply to EHLO. U-labels are said as A-labels, here and to handlers. */
  readonly hostname: string
  /** `smtp`; `submission` for mail of our own users (RFC 6409), `lmtp` for a reply to each recipient (RFC 2033). */
  readonly protocol?: Protocol
  /** Makes the handler of one session, before its greeting. Where it throws, the client is greeted with 421. */
  readonly handler: (session: SessionView) => ServerHandler
  /** Absent: no TLS, and STARTTLS is not offered. */
  readonly tls?: TlsOptions
  /**
   * Mechanisms of AUTH in order of preference, `['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'PLAIN', 'LOGIN']`; none. Each is
   * only offered where the handler can judge it (`authenticate`; `scramKeys` for SCRAM, `sharedSecret` for CRAM-MD5) and
   * the channel is fit for it.
   */
  readonly mechanisms?: readonly string[]
  /**
   * What SCRAM goes on with for users that do not exist; absent: a secret of this process. Where several processes serve
   * the same users they need the same, or a client that asks twice learns who does not exist; and so it does where the
   * `iterations` are not those of the users' keys (4,096 unless they are given).
   */
  readonly scramDecoy?: ScramDecoy
  /** Mechanisms that show a password or a token are offered without TLS, too; false (RFC 4954 §4). */
  readonly allowPlaintextAuth?: boolean
  /**
   * Service extensions; `EXTENSIONS` of `@postroad/smtp`, to which those are added that promise something the handler
   * keeps. EXPN, ETRN and ATRN are only offered where the handler has their method.
   */
  readonly extensions?: readonly Extension[]
  /** Commands agreed on with clients, by word: each is the handler's `command`; none. */
  readonly commands?: readonly string[]
  /**
   * Clients of our own, by address or network (`192.0.2.7`, `2001:db8::/32`, `unix`); none. Only they may say who their
   * client is (XCLIENT and XFORWARD, where these are among the extensions), and, without having authenticated, who first
   * submitted a message (AUTH=) or raise its priority (MT-PRIORITY=). Judged once, by the address at the greeting: behind a
   * proxy by that of the client.
   */
  readonly trusted?: readonly string[]
  /** Proxies that begin each connection with a header of the PROXY protocol; absent: none. */
  readonly proxyProtocol?: ProxyProtocolOptions
  /** Those not given are as in `DEFAULT_SERVER_LIMITS`. */
  readonly limits?: Partial<ServerLimits>
  /** What becomes of a limit below the floor that a standard demands: `refuse`, the server is not made; or `allow`. */
  readonly belowFloors?: 'refuse' | 'allow'
  /** Bare CR or LF in content: refused with 550, or made CRLF; `refuse`. */
  readonly bareNewlines?: 'refuse' | 'repair'
  /**
   * Gives the memory that content came in back as soon as its sink is done with it, behind `write` or the promise that
   * gave, instead of leaving it to the collector, which lets tens of MiB gather and is busy with it; false. Whoever keeps
   * a slice of it against the rule of `ContentSink.write` then has none any more: with it a sink must copy what it keeps,
   * and await what it passes on.
   */
  readonly freeContent?: boolean
  /** Where time comes from; the system's. */
  readonly clock?: Clock
  /** Told what happens; absent: nobody is. */
  readonly observer?: ServerObserver
  /** The observer is told each line of the dialogue, too; false. Credentials and content never. */
  readonly dialogue?: boolean
}

/** Options with what every part of a server needs to know. */
export type SettledServerOptions = SmtpServerOptions & Required<Pick<SmtpServerOptions, 'protocol' | 'clock'>>

/** The PROXY protocol, versions 1 and 2. */
export interface ProxyProtocolOptions {
  /**
   * The proxies, by address or network (`192.0.2.7`, `2001:db8::/32`, `unix`). Who connects from there must begin with a
   * header and is closed without a word otherwise; who does not is an ordinary client, and a header from him a mistake.
   */
  readonly from: readonly string[]
}

/** Where to listen: an address and a port (0: any free one), or the path of a unix socket. */
export type ListenAddress = { readonly host?: string; readonly port: number } | { readonly path: string }

/** A TCP port that a server listens at. */
export interface ListensAtPort {
  /** The address; `::` where it listens on all. */
  readonly host: string
  /** The one that was asked for, or the free one that the system gave. */
  readonly port: number
}

/** A unix socket that a server listens at. */
export interface ListensAtPath {
  /** As it was asked for. */
  readonly path: string
}
