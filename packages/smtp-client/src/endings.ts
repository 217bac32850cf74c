/** Why a session ended, in words: for the reasons of outcomes, which reports and logs show where no reply does. */

import type { ClientCloseCause } from '@postroad/smtp'

/** A sentence for each cause. */
export const ENDINGS: Readonly<Record<ClientCloseCause, string>> = {
  quit: 'The session was ended.',
  refused: 'The peer refused the session.',
  closing: 'The peer is closing the connection.',
  'line-too-long': 'The peer sent a longer line than a reply may have.',
  'reply-too-long': 'The peer sent a longer reply than can be taken.',
  malformed: 'The peer sent what is no SMTP reply.',
  'unexpected-reply': 'The peer sent a reply that nobody had asked for.',
  'bytes-before-tls': 'The peer sent something in clear behind its answer to STARTTLS.',
  'content-interrupted': 'The peer gave the content up while it was sent.',
  lost: 'The peer closed the connection.',
  timeout: 'The peer did not answer in time.',
  aborted: 'The delivery was given up.',
}
