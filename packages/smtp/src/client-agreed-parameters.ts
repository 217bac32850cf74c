/**
 * Parameters of MAIL and RCPT that were agreed on with the peer beyond what is known here: sent as they are given.
 *
 *     esmtp-param   = esmtp-keyword ["=" esmtp-value]
 *     esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
 *     esmtp-value   = 1*(%d33-60 / %d62-126)
 */

import { ClientSessionError } from './client-fault.ts'
import type { TransactionRequest } from './client-request.ts'

/** @throws {ClientSessionError} `SMTP_CLIENT_PARAMETER` where one of them is no `esmtp-param` (RFC 5321 §4.1.2). */
export function expectParameters({ mailParameters = NOTHING, rcptParameters = NOBODY }: AgreedParameters): void {
  if (mailParameters.length === 0 && rcptParameters.size === 0) return
  const each = [mailParameters, ...rcptParameters.values()]
  if (each.every((parameters) => parameters.every((parameter) => ESMTP_PARAM.test(parameter)))) return
  throw new ClientSessionError('SMTP_CLIENT_PARAMETER', 'A parameter is not KEYWORD or KEYWORD=value.')
}

/** Each with the space before it; empty where there are none. */
export function formatParameters(parameters: readonly string[] | undefined): string {
  return parameters === undefined || parameters.length === 0 ? '' : ` ${parameters.join(' ')}`
}

type AgreedParameters = Pick<TransactionRequest, 'mailParameters' | 'rcptParameters'>

const NOTHING: readonly string[] = []
const NOBODY: ReadonlyMap<number, readonly string[]> = new Map()
const ESMTP_PARAM = /^[A-Za-z0-9][A-Za-z0-9-]*(?:=[!-<>-~]+)?$/
