/** Which events must see all that has come before they are answered. */

import type { ServerEvent } from '@postroad/smtp'

/** Whether nothing may stand behind the command (RFC 2920 §3.1, RFC 3207 §4.2, RFC 4954 §4, RFC 2645 §5.2.1). */
export function endsGroup(event: ServerEvent): boolean {
  switch (event.type) {
    case 'data':
      // Behind a BDAT comes what it announced, and more commands (RFC 3030 §2).
      return !event.chunked
    case 'starttls':
    case 'auth':
    case 'auth-response':
    case 'atrn':
      return true
    default:
      return false
  }
}
