// examples/submit.ts
import { mailboxOf } from '@postroad/address'
import { sendMessage } from '@postroad/smtp-client'

const ada = mailboxOf('ada@example.org')
const { phase, outcomes } = await sendMessage({
  host: 'localhost',
  port: Number(process.env['SMTP_PORT'] ?? 587),
  tls: 'none', // elsewhere than here: 'required', or 'implicit' on port 465; and `credentials`
  hostname: 'laptop.example.org',
  envelope: { reversePath: ada, recipients: [{ mailbox: ada }] },
  content: new TextEncoder().encode('From: ada@example.org\r\nSubject: hello\r\n\r\nHello.\r\n'),
})
for (const { kind } of outcomes) console.log(phase, kind)

// Prints:
// done delivered
