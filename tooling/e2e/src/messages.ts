/** The messages that the demo and the tests send: as mail clients write them. */

import { mailboxOf } from '@postroad/address'
import { randomBytes } from 'node:crypto'
import { composeMessage, type Draft } from 'postroad'

/** A message and whom it is for. */
export interface Errand {
  /** For people. */
  readonly title: string
  readonly from: string
  readonly to: readonly string[]
  readonly content: Uint8Array
}

/** What the demo sends from ada@example.org; `refused` is a recipient that the other MTA refuses. */
export function demoErrands(at: number, refused: string): readonly Errand[] {
  const errand = (
    title: string,
    to: readonly string[],
    draft: Pick<Draft, 'subject' | 'text' | 'attachments'>,
  ): Errand => ({
    title,
    from: 'ada@example.org',
    to,
    content: composeMessage({
      from: mailboxOf('ada@example.org'),
      to: to.map(mailboxOf),
      at,
      messageId: randomBytes(8).toString('hex'),
      boundary: randomBytes(12).toString('hex'),
      ...draft,
    }),
  })
  return [
    errand('a plain message', ['bob@example.org'], {
      subject: 'A plain message',
      text: 'Dear Bob,\n\nplain text, a line with a dot:\n.\nand one that begins with two:\n..\n\nAda\n',
    }),
    errand('a message in UTF-8', ['bob@example.org'], {
      subject: 'Grüße über die Straße — 你好',
      text: 'Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.\n\n你好,世界\n',
    }),
    errand('8 MB of attachment', ['bob@example.org'], {
      subject: 'The big file',
      text: 'It is attached.\n',
      attachments: [{ name: 'big.bin', bytes: randomBytes(8_000_000) }],
    }),
    errand('two here, one elsewhere', ['bob@example.org', 'eve@example.org', 'carol@example.net'], {
      subject: 'To three of you',
      text: 'One copy for each.\n',
    }),
    errand('one who does not exist elsewhere', [refused], {
      subject: 'Is anybody there?',
      text: 'This comes back.\n',
    }),
  ]
}
