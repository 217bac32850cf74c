/** What all connections of a server share. */

import type { Clock } from '@postroad/runtime'
import type { ServerObserver } from './observer.ts'
import type { ServerTls } from './secure-stream.ts'
import type { ServerLimits } from './server-limits.ts'

/** The ground that connections stand on. */
export interface ConnectionGround<Connection> {
  readonly tls: ServerTls | undefined
  readonly limits: ServerLimits
  readonly freeContent: boolean
  readonly clock: Clock
  readonly observer: ServerObserver | undefined
  /** Counts a connection to an address from now on; false, and nothing has changed, where there are too many from there. */
  readonly readmit: (connection: Connection, address: string) => boolean
  /** Called once for each, when all is over. */
  readonly onClosed: (connection: Connection) => void
}
