/** What a test takes for granted: the value of a result. */

import { type Domain, type Mailbox, parseDomain, parseMailbox, type Result } from '../src/index.ts'

export function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`)
  return result.value
}

export const domain = (text: string): Domain => valueOf(parseDomain(text, { smtputf8: true }))
export const mailbox = (text: string): Mailbox => valueOf(parseMailbox(text, { smtputf8: true }))
