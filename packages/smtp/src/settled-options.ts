/** What the options of a session come to: judged and worked out once for each object of options, however many sessions. */

import { domainToAscii, parseDomain } from '@postroad/address'
import { isAsciiText } from './ascii-text.ts'
import { isEhloLine } from './ehlo-line.ts'
import { LocalProtocolError } from './errors.ts'
import type { ExtensionContext } from './extension.ts'
import { extensionTable } from './extension-table.ts'
import type { ExtensionTable } from './extension-table.ts'
import { EXTENSIONS } from './extensions.ts'
import type { ServerSessionOptions } from './server-session-options.ts'
import { DEFAULT_SESSION_LIMITS, sessionLimits } from './session-limits.ts'
import type { SessionLimits } from './session-limits.ts'

/** Options of which nothing is left to be judged; `hostname` is ASCII. */
export interface SettledOptions extends ServerSessionOptions {
  readonly limits: SessionLimits
  readonly table: ExtensionTable
}

const SETTLED = new WeakMap<ServerSessionOptions, SettledOptions>()

/**
 * The options, settled.
 *
 * @throws {LocalProtocolError} `SMTP_LIMIT_BELOW_FLOOR`, unless `belowFloors` allows it; `SMTP_HOSTNAME`;
 *   `SMTP_EXTENSION`.
 */
export function settleOptions(options: ServerSessionOptions): SettledOptions {
  let settled = SETTLED.get(options)
  if (settled === undefined) {
    const { limits = DEFAULT_SESSION_LIMITS, belowFloors = 'refuse', extensions = EXTENSIONS } = options
    const table = extensionTable(extensions)
    settled = {
      ...options,
      hostname: asciiName(options.hostname),
      limits: sessionLimits(limits, belowFloors, table.lineBytes),
      table,
    }
    judgeAnnouncements(settled)
    SETTLED.set(options, settled)
  }
  return settled
}

/** A word of printable ASCII stands as it is; a domain with U-labels is said in A-labels (RFC 6531 §3.2). */
function asciiName(hostname: string): string {
  if (isAsciiText(hostname)) {
    if (/^[!-~]{1,255}$/.test(hostname)) return hostname
  } else {
    const domain = parseDomain(hostname, { smtputf8: true })
    const ascii = domain.ok ? domainToAscii(domain.value) : domain
    if (ascii.ok) return ascii.value
  }
  throw new LocalProtocolError('SMTP_HOSTNAME', 'hostname is neither a word of ASCII nor a domain')
}

/** Looks at what the extensions announce wherever a session may stand. */
function judgeAnnouncements({ protocol, limits, table, mechanisms = [], trusted = false }: SettledOptions): void {
  for (const secured of [false, true]) {
    for (const authenticated of [false, true]) {
      const context: ExtensionContext = {
        protocol,
        limits,
        secured,
        startTls: !secured,
        mechanisms: authenticated ? [] : mechanisms,
        authenticated,
        trusted,
        believed: authenticated || trusted,
        smtputf8: false,
        extensions: table.names,
      }
      for (const { name, keyword } of table.extensions) {
        const line = keyword(context)
        if (line === undefined || isEhloLine(line)) continue
        throw new LocalProtocolError('SMTP_EXTENSION', `${name}: no line of the reply to EHLO`)
      }
    }
  }
}
