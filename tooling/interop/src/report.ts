/** What the replays found, as a page for people: `docs/interop.md`. */

import type { Judgement } from './judge.ts'
import type { PeerReplays } from './replay-all.ts'

/** The replays of one peer, judged. */
export interface PeerReport {
  readonly replays: PeerReplays
  readonly judgement: Judgement
}

const HEAD = `# Interoperability

[\`tooling/interop\`](../tooling/interop) runs ours beside the mail programs of others, all from Debian's packages, unpacked and not
installed:

- **The transcripts** of \`packages/smtp\` are replayed against Postfix, Exim, OpenSMTPD and Dovecot (LMTP), and reply codes compared.
  The rest of this page is what came of it; \`node --conditions=@postroad/source tooling/interop/src/run.ts --write\` writes it anew.
- **Our client** hands messages to these servers: plain, under STARTTLS and implicit TLS, with AUTH (SCRAM-SHA-256 and SCRAM-SHA-1 of Cyrus
  SASL and Dovecot, PLAIN, LOGIN), by DATA and by BDAT, by LMTP, 8-bit, internationalized, with requests for reports, for 90 recipients,
  with dots, a mebibyte; and asks by VRFY, EXPN, HELP, ETRN, XCLIENT and XFORWARD. The messages arrive byte for byte: in mailboxes, and
  at our server, to which Postfix, Exim (by BDAT) and OpenSMTPD pass them on, the first two under STARTTLS.
- **swaks, msmtp, gsasl, Python's smtplib and nodemailer** come to our server: plain, STARTTLS, implicit TLS, PLAIN, LOGIN, CRAM-MD5,
  SCRAM-SHA-1 and SCRAM-SHA-256 and both with channel binding (tls-exporter), OAUTHBEARER, XOAUTH2, EXTERNAL, LMTP, pipelined, over unix
  sockets, behind the PROXY protocol (versions 1 and 2) and XCLIENT.

A difference is a question. Where we were wrong it was put right in ours (so far: an ORCPT of type rfc822 with octets of UTF-8, as Postfix
sends it, was refused; behind a greeting of 554 QUIT was not waited for); the others are explained in
[\`explanations\`](../tooling/interop/src/explanations), and a test fails on a difference that nobody has explained, and on an
explanation of what does not differ any more. What \`…\` ends stands for all that begins so. \`closed\`: the connection was ended;
\`open\`: it was not; \`nothing\`: no reply within 6 seconds; \`more\`: more replies than commands.
`

/** The whole page. */
export function pageOf(reports: readonly PeerReport[]): string {
  return [HEAD, ...reports.map(sectionOf)].join('\n')
}

function sectionOf({ replays, judgement }: PeerReport): string {
  const { peer, version, replayed, same, compared, differences, leftOut } = replays
  const reasons = new Map<string, Map<string, number>>()
  for (const { difference, reason } of judgement.explained) {
    const cases = reasons.get(reason) ?? new Map<string, number>()
    const text = `\`${sentCell(difference.sent)}\` ${difference.expected} → ${difference.got}`
    cases.set(text, (cases.get(text) ?? 0) + 1)
    reasons.set(reason, cases)
  }
  const lines = [...reasons].map(([reason, cases]) => `| ${cell(reason)} | ${[...cases.keys()].join('<br>')} |`)
  const counts = new Map<string, number>()
  for (const { reason } of leftOut) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const left = [...counts].toSorted(([, a], [, b]) => b - a).map(([reason, count]) => `${cell(reason)} (${count})`)
  const open = judgement.unexplained.map(
    ({ title, sent, expected, got }) => `- \`${sentCell(sent)}\` ${expected} → ${got}: ${title}`,
  )
  return `## ${peer} ${version}

${replayed} transcripts replayed, ${same} of them without a difference; ${compared} replies and closings compared, ${differences.length} other than ours.

| it | what was sent, our code → its code |
|---|---|
${lines.join('\n')}
${open.length === 0 ? '' : `\nNot explained:\n\n${open.join('\n')}\n`}
Left out, ${leftOut.length} transcripts, because it ${left.join('; ')}.
`
}

/** The most characters of what was sent that are shown. */
const SHOWN = 60

function sentCell(text: string): string {
  return cell(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text)
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
