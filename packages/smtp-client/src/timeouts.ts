/** How long the client waits: for the call, and for what the session waits for. */

import { CLIENT_DEADLINES, type ClientDeadlines } from '@postroad/smtp'

/** In milliseconds. */
export interface ClientTimeouts extends ClientDeadlines {
  /** Until somebody answers the call; default 30 s. */
  readonly connectMs: number
}

/** The defaults. */
export const CLIENT_TIMEOUTS: ClientTimeouts = { ...CLIENT_DEADLINES, connectMs: 30_000 }
