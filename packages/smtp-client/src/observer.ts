/** What a client reports: to be turned into log lines and metrics by whoever passes an observer. */

import type { DeliveryPhase } from '@postroad/delivery'
import type { Envelope, RecipientOutcome } from '@postroad/envelope'
import type { ClientCloseCause } from '@postroad/smtp'

/** Watches the connections of one client. Costs nothing where it is absent. Its methods must not throw. */
export interface ClientObserver {
  /** Called as it happens, before the outcome is told. */
  observe(event: ClientReport): void
  /**
   * Each line of the dialogue without CRLF, as far as it was understood; what follows AUTH is `****`, content is never
   * given. Absent: no line is made into text.
   */
  dialogue?(line: DialogueLine): void
}

/** One line of a dialogue. */
export interface DialogueLine {
  /** That of the connection's reports. */
  readonly sessionId: string
  /** Who said it; we are the client, also behind ATRN. */
  readonly from: 'client' | 'server'
  /** Without CRLF; what is secret in it is `****`. */
  readonly line: string
}

/** What happened. `sessionId` names one connection, unique within the process. */
export type ClientReport =
  | {
      readonly type: 'connection-opened'
      readonly sessionId: string
      readonly host: string
      readonly address: string
      readonly port: number
      readonly durationMs: number
    }
  /** Nobody was reached, or not in time. */
  | { readonly type: 'connection-failed'; readonly host: string; readonly port: number; readonly error: Error }
  | {
      readonly type: 'tls-started'
      readonly sessionId: string
      readonly version: string
      readonly cipher: string
      readonly verified: boolean
      /** The session of an earlier connection went on. */
      readonly resumed: boolean
    }
  /** `clear`: the host is called again without TLS. */
  | { readonly type: 'tls-failed'; readonly sessionId: string; readonly error: Error; readonly clear: boolean }
  | {
      readonly type: 'transaction-ended'
      readonly sessionId: string
      readonly host: string
      readonly envelope: Envelope
      readonly outcomes: readonly RecipientOutcome[]
      readonly phase: DeliveryPhase
      readonly reused: boolean
      readonly durationMs: number
    }
  /** A reused connection turned out to be dead before anything was answered; a fresh one is tried. */
  | { readonly type: 'transaction-retried'; readonly sessionId: string; readonly host: string }
  | {
      readonly type: 'connection-closed'
      readonly sessionId: string
      readonly host: string
      readonly cause: ClientCloseCause
      readonly transactions: number
      /** What the network said, where it said something. */
      readonly error: Error | undefined
    }
