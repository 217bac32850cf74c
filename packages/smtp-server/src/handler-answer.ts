/** What a handler may answer with, and telling one from the other. */

import type { Reply } from '@postroad/envelope'
import type { ContentSink } from '@postroad/smtp'
import type { AuthVerdict } from './authentication.ts'
import { SmtpServerError } from './errors.ts'

/** What an answer to a question may be. */
export type Given = Reply | readonly Reply[] | ContentSink | AuthVerdict | undefined

/** The fault of an answer that does not fit. */
export function unfit(): SmtpServerError {
  return new SmtpServerError('SMTP_SERVER_ANSWER', 'the answer of a handler does not fit the question')
}

export function isPromise<Value>(given: Value | Promise<Value>): given is Promise<Value> {
  return typeof given === 'object' && given !== null && 'then' in given
}

export function isSink(given: Given): given is ContentSink {
  return given !== undefined && 'write' in given
}

export function isVerdict(given: Given): given is AuthVerdict {
  return given !== undefined && 'kind' in given
}

export function isList(given: Given): given is readonly Reply[] {
  return Array.isArray(given)
}
