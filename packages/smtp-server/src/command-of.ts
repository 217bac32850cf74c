/** Names the command that a question came from, for who observes. */

import { formatPath } from '@postroad/address'
import type { QuestionEvent } from '@postroad/smtp'

/** The command without its parameters, and without anything that is secret. */
export function commandOf(event: QuestionEvent): string {
  switch (event.type) {
    case 'mail':
      return `MAIL FROM:${formatPath(event.mail.reversePath)}`
    case 'rcpt':
      return `RCPT TO:${formatPath(event.rcpt.forwardPath)}`
    case 'hello':
      return `${event.hello.verb} ${event.hello.name}`
    case 'data':
      return event.chunked ? 'BDAT' : 'DATA'
    case 'auth-response':
      return 'AUTH'
    case 'command':
      return event.word
    default:
      return event.type.toUpperCase()
  }
}
