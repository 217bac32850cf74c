// examples/ask.ts
import { formatMailbox, mailboxOf } from '@postroad/address'
import { createMemoryDirectory } from '@postroad/directory/memory'

// For tests; a service takes one that keeps no passwords in the clear, such as `directory-file`.
const directory = createMemoryDirectory({
  accounts: [
    { name: 'ada', password: 'correct horse', mailboxes: ['ada@example.org'], sendAs: ['*@lists.example.org'] },
    { name: 'bob', password: 'battery staple', mailboxes: ['bob@example.org'] },
  ],
  domains: { local: ['example.org'], relay: ['example.net'] },
  aliases: { 'info@example.org': ['ada@example.org', 'eve@example.com'] },
})

// What an MSA asks: who is it, and may they send as that?
const account = await directory.authenticate({ name: 'ada@example.org', password: 'correct horse' })
console.log(account?.name, await directory.authenticate({ name: 'ada', password: 'guessed' }))
for (const sender of ['Ada+work@example.org', 'news@lists.example.org', 'bob@example.org']) {
  console.log(sender, await directory.maySendAs('ada', mailboxOf(sender)))
}

// What an intake and an MDA ask: what becomes of it?
for (const recipient of [
  'ADA@example.org',
  'info@example.org',
  'nobody@example.org',
  'x@example.net',
  'x@example.com',
]) {
  const answer = await directory.recipient(mailboxOf(recipient))
  console.log(recipient, ...(answer.kind === 'alias' ? answer.targets.map((to) => formatMailbox(to)) : [answer.kind]))
}

// Prints:
// ada undefined
// Ada+work@example.org true
// news@lists.example.org true
// bob@example.org false
// ADA@example.org mailbox
// info@example.org ada@example.org eve@example.com
// nobody@example.org unknown
// x@example.net relay
// x@example.com elsewhere
