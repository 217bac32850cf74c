/**
 * The SMTP and LMTP delivery: the `Delivery` port over `ClientConnection`s with a pool.
 *
 * Safe to call from many places at once; how many at a time is the caller's to bound. Each call holds one connection
 * and one flight of content in memory, whatever the size of the message.
 */

import type { Delivery } from '@postroad/delivery'
import type { Clock } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import { ConnectionPool, type PoolOptions } from './connection-pool.ts'
import { deliverEnvelope } from './deliver-envelope.ts'
import { createDial, type Dial } from './dial.ts'
import { SmtpClientError } from './errors.ts'
import type { HostDestination } from './host-destination.ts'
import type { ClientObserver } from './observer.ts'
import type { ClientSetting } from './open-connection.ts'
import { CLIENT_TIMEOUTS, type ClientTimeouts } from './timeouts.ts'
import { TlsUpgrader, type TrustOptions } from './tls-upgrade.ts'

/** How the delivery works. */
export interface SmtpDeliveryOptions {
  /** Our name for EHLO and LHLO: a domain or an address literal. */
  readonly hostname: string
  /** Where time comes from; default: the system's. */
  readonly clock?: Clock
  /** Default `createDial`: TCP and unix sockets. */
  readonly dial?: Dial
  /** Those given replace the defaults (`CLIENT_TIMEOUTS`). */
  readonly timeouts?: Partial<ClientTimeouts>
  /** Those given replace the defaults. */
  readonly pool?: PoolOptions
  /** Whose certificates are believed for `required` and `implicit` TLS; default: the roots that Node brings. */
  readonly trust?: TrustOptions
  /** Told what happens on connections; absent: nobody is. */
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
      const { outcomes, phase, peer } = await deliverEnvelope(setting, pool, request)
      return { outcomes, phase, peer }
    },
    async [Symbol.asyncDispose]() {
      disposed = true
      await pool.close()
    },
  }
}

/** What every connection is made with. */
export function createSetting(options: Omit<SmtpDeliveryOptions, 'pool'>): ClientSetting {
  const { hostname, clock = systemClock, dial = createDial({ clock }), trust, observer } = options
  return {
    hostname,
    clock,
    dial,
    timeouts: { ...CLIENT_TIMEOUTS, ...options.timeouts },
    upgrader: new TlsUpgrader(clock, trust),
    observer,
    exposeCredentials: options.exposeCredentials ?? false,
  }
}
