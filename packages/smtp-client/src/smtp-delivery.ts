/**
 * The SMTP and LMTP delivery: the `Delivery` port over `ClientConnection`s with a pool.
 *
 * Safe to call from many places at once; how many at a time is the caller's to bound. Each call holds one connection
 * and one flight of content in memory, whatever the size of the message.
 */

import type { Delivery, DeliveryReport, DeliveryRequest, PeerRecord } from '@postroad/delivery'
import type { ContentSource, RecipientOutcome } from '@postroad/envelope'
import type { Clock } from '@postroad/runtime'
import { BareNewlineScan } from '@postroad/smtp'
import type { ClientConnection } from './client-connection.ts'
import { ConnectionPool, type PoolOptions } from './connection-pool.ts'
import { dialSocket, type Dial } from './dial.ts'
import { SmtpClientError } from './errors.ts'
import { destinationKey, type HostDestination } from './host-destination.ts'
import type { ClientObserver } from './observer.ts'
import { openConnection, type ClientSetting } from './open-connection.ts'
import { runTransaction, type TransactionWork } from './run-transaction.ts'
import { CLIENT_TIMEOUTS, type ClientTimeouts } from './timeouts.ts'
import { TlsUpgrader, type TrustOptions } from './tls-upgrade.ts'

/** How the delivery works. */
export interface SmtpDeliveryOptions {
  /** Our name for EHLO and LHLO: a domain or an address literal. */
  readonly hostname: string
  readonly clock: Clock
  /** Default `dialSocket`: TCP and unix sockets. */
  readonly dial?: Dial
  /** Those given replace the defaults (`CLIENT_TIMEOUTS`). */
  readonly timeouts?: Partial<ClientTimeouts>
  readonly pool?: PoolOptions
  /** Whose certificates are believed for `required` and `implicit` TLS; default: the roots that Node brings. */
  readonly trust?: TrustOptions
  readonly observer?: ClientObserver
  /**
   * Sends credentials also in clear, or to a host whose certificate was not verified (`opportunistic`); default false:
   * the recipients are deferred with 4.7.4 then.
   */
  readonly exposeCredentials?: boolean
}

/**
 * Creates the delivery. Disposing it closes idle connections with QUIT; calls still running end as they would, and their
 * connections are not kept.
 *
 * A recipient is `unknown` from the moment the end of the content was handed to the stream until the reply to it; such
 * a transaction is never repeated here. Before that a lost connection means `deferred`. A reused connection that turns
 * out to be dead before anything was answered is replaced once by a fresh one.
 */
export function createSmtpDelivery(options: SmtpDeliveryOptions): Delivery<HostDestination> & AsyncDisposable {
  const setting = createSetting(options)
  const pool = new ConnectionPool(options.pool)
  let disposed = false
  return {
    async deliver(request) {
      if (disposed) throw new SmtpClientError('SMTP_CLIENT_DISPOSED', 'The delivery is closed.')
      return deliver(setting, pool, request)
    },
    async [Symbol.asyncDispose]() {
      disposed = true
      await pool.close()
    },
  }
}

/** What every connection is made with. */
export function createSetting(options: Omit<SmtpDeliveryOptions, 'pool'>): ClientSetting {
  return {
    hostname: options.hostname,
    clock: options.clock,
    dial: options.dial ?? dialSocket,
    timeouts: { ...CLIENT_TIMEOUTS, ...options.timeouts },
    upgrader: new TlsUpgrader(options.trust),
    observer: options.observer,
    exposeCredentials: options.exposeCredentials ?? false,
  }
}

async function deliver(
  setting: ClientSetting,
  pool: ConnectionPool,
  request: DeliveryRequest<HostDestination>,
): Promise<DeliveryReport> {
  const { envelope, content, destination, signal, onOutcome } = request
  const startedAt = setting.clock.monotonic()
  const bareNewlines = content.facts.binary && (await hasBareNewline(content))
  const work: TransactionWork = { envelope, content, bareNewlines, signal, onOutcome }

  const settle = async (connection: ClientConnection, reused: boolean): Promise<DeliveryReport | undefined> => {
    const end = await runTransaction(connection, work)
    if (end.kind === 'stale') {
      const { sessionId } = connection
      setting.observer?.observe({ type: 'transaction-retried', sessionId, host: destination.host })
      return undefined
    }
    const durationMs = setting.clock.monotonic() - startedAt
    setting.observer?.observe({
      type: 'transaction-ended',
      sessionId: connection.sessionId,
      host: destination.host,
      envelope,
      outcomes: end.outcomes,
      phase: end.phase,
      reused,
      durationMs,
    })
    pool.give(connection)
    return { outcomes: end.outcomes, phase: end.phase, peer: recordPeer(connection, durationMs, reused) }
  }

  const idle = signal.aborted ? undefined : pool.take(destinationKey(destination))
  if (idle !== undefined) {
    const report = await settle(idle, true)
    if (report !== undefined) return report
  }
  const opened = await openConnection(setting, destination, signal)
  if (opened.connection !== undefined) {
    const report = await settle(opened.connection, false)
    if (report === undefined) throw new Error('A fresh connection cannot be stale.')
    return report
  }
  const outcomes: RecipientOutcome[] = envelope.recipients.map(() => opened.outcome)
  for (const [recipient, outcome] of outcomes.entries()) onOutcome?.(recipient, outcome)
  const durationMs = setting.clock.monotonic() - startedAt
  const peer = opened.reached && recordPeer(opened.reached, durationMs, false)
  return { outcomes, phase: opened.phase, peer }
}

/** Who answered. */
export function recordPeer(connection: ClientConnection, durationMs: number, reused: boolean): PeerRecord {
  const { destination, address, tls, session } = connection
  const dsn = session.extensions?.dsn === true
  return { host: destination.host, address, port: destination.port, tls, durationMs, reused, ...(dsn && { dsn }) }
}

/** Facts say `binary` for a NUL and a long line too; only a bare CR or LF forbids DATA. Such content is rare. */
async function hasBareNewline(content: ContentSource): Promise<boolean> {
  const scan = new BareNewlineScan()
  for await (const chunk of content.open()) if (scan.push(chunk)) return true
  return scan.end()
}
