/** Opens a session with one host, for a conversation. */

import type { DeliveryPhase, PeerRecord } from '@postroad/delivery'
import type { Deferred, Failed } from '@postroad/envelope'
import { ConnectionConversation, type ClientConversation } from './client-conversation.ts'
import { recordPeer } from './deliver-envelope.ts'
import type { HostDestination } from './host-destination.ts'
import { openConnection } from './open-connection.ts'
import { createSetting, type SmtpDeliveryOptions } from './smtp-delivery.ts'

/** Whom to call, and how. */
export interface OpenSessionOptions extends Omit<SmtpDeliveryOptions, 'pool'> {
  /** The host, and the way to it. */
  readonly destination: HostDestination
  /** Gives the call up; once the session is open it counts no more. Absent: nobody does. */
  readonly signal?: AbortSignal
}

/** An open session, or why there is none. */
export type OpenedSession =
  | { readonly conversation: ClientConversation }
  | {
      readonly conversation?: undefined
      readonly phase: DeliveryPhase
      /** What a message would get of it. */
      readonly outcome: Deferred | Failed
      /** Who was reached; `undefined` where nobody was. */
      readonly peer: PeerRecord | undefined
      readonly error: Error | undefined
    }

/** Opens a session: call, greeting, TLS and AUTH as the destination says. Rejects for a fault of ours alone. */
export async function openSession(options: OpenSessionOptions): Promise<OpenedSession> {
  const { destination, signal = new AbortController().signal } = options
  const setting = createSetting(options)
  const startedAt = setting.clock.monotonic()
  const opened = await openConnection(setting, destination, signal)
  if (opened.connection !== undefined) return { conversation: new ConnectionConversation(opened.connection, setting) }
  const { phase, outcome, reached, error } = opened
  const peer = reached && recordPeer(reached, setting.clock.monotonic() - startedAt, false)
  return { phase, outcome, peer, error }
}
