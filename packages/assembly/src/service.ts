/** A service: what an app starts and stops. */

import type { Endpoint } from '@postroad/config'
import type { SmtpServer } from '@postroad/smtp-server'

/** Something that runs until it is stopped. */
export interface Service {
  /** Lower-case noun: `msa`. */
  readonly name: string
  /** Where it listens, with the ports the system chose; empty where it does not. */
  readonly listening: readonly Listener[]
  /**
   * Takes no new work, lets what is under way end within `deadlineMs` milliseconds, ends the rest. Never rejects for
   * what peers do; harmless a second time.
   */
  stop(options: { readonly deadlineMs: number }): Promise<void>
}

/** One socket. */
export interface Listener {
  /** What is spoken there: `submission`, `submissions` (TLS first), `smtp`, `lmtp`. */
  readonly purpose: string
  readonly endpoint: Endpoint
}

/** Servers with the endpoints they are to listen on. */
export interface PlannedListener {
  readonly purpose: string
  readonly server: SmtpServer
  readonly endpoints: readonly Endpoint[]
}

/** Opens every endpoint and gives the service. Where one cannot be opened the others are closed, and it rejects. */
export async function listenAll(name: string, planned: readonly PlannedListener[]): Promise<Service> {
  const listening: Listener[] = []
  const stop = async ({ deadlineMs }: { readonly deadlineMs: number }): Promise<void> => {
    await Promise.all(planned.map(({ server }) => server.stop({ deadlineMs })))
  }
  try {
    for (const { purpose, server, endpoints } of planned) {
      for (const endpoint of endpoints) listening.push({ purpose, endpoint: await server.listen(endpoint) })
    }
  } catch (error) {
    await stop({ deadlineMs: 0 })
    throw error
  }
  return { name, listening, stop }
}
