/** A service: what an app starts and stops. */

import { formatEndpoint, reasonOf, type Endpoint } from '@postroad/config'
import type { SmtpServer } from '@postroad/smtp-server'
import { CannotOpenError } from './cannot-open.ts'

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
  /** As it was opened: port 0 of the configuration is the port that the system chose. */
  readonly endpoint: Endpoint
}

/** Servers with the endpoints they are to listen on. */
export interface PlannedListener {
  /** As in `Listener`. A failure names the setting by it: `listen-tls` for `submissions`, `listen` for all else. */
  readonly purpose: string
  /** Stopped with the service, and where one of the endpoints cannot be opened. */
  readonly server: SmtpServer
  /** Opened one after the other; empty: the server listens nowhere. */
  readonly endpoints: readonly Endpoint[]
}

/**
 * Opens every endpoint and gives the service. Where one cannot be opened the others are closed.
 *
 * @throws {CannotOpenError} whose sentence names the setting, the endpoint and the reason.
 */
export async function listenAll(name: string, planned: readonly PlannedListener[]): Promise<Service> {
  const listening: Listener[] = []
  const stop = async ({ deadlineMs }: { readonly deadlineMs: number }): Promise<void> => {
    await Promise.all(planned.map(({ server }) => server.stop({ deadlineMs })))
  }
  try {
    for (const { purpose, server, endpoints } of planned) {
      for (const endpoint of endpoints) {
        const bound = await server.listen(endpoint).catch((error: unknown) => {
          throw cannotListen(name, purpose, endpoint, error)
        })
        listening.push({ purpose, endpoint: bound })
      }
    }
  } catch (error) {
    await stop({ deadlineMs: 0 })
    throw error
  }
  return { name, listening, stop }
}

/** Endpoints with TLS first are a setting of their own. */
function cannotListen(name: string, purpose: string, endpoint: Endpoint, error: unknown): CannotOpenError {
  const denied = error instanceof Error && 'code' in error && error.code === 'EACCES'
  const reason =
    denied && 'port' in endpoint && endpoint.port < 1024
      ? 'ports below 1024 need a privilege; give the process that, or name another port'
      : reasonOf(error)
  const setting = `${name}.${purpose === 'submissions' ? 'listen-tls' : 'listen'}`
  return new CannotOpenError(setting, `cannot listen on ${formatEndpoint(endpoint)}: ${reason}`, error)
}
