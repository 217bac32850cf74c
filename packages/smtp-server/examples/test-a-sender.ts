// examples/test-a-sender.ts
import { equal } from 'node:assert/strict'
import { connect } from 'node:net'
import { inTurn, hangUp, LineClient, startScriptedPeer } from '@postroad/smtp-server/testing'

const peer = await startScriptedPeer()
peer.on.rcpt(2, '452 4.5.3 Too many recipients')
peer.on.content(inTurn('421 4.3.2 Going down', hangUp))

// The sender under test; here one that only says its lines.
const sender = new LineClient(connect(peer.port, peer.host))
await sender.reply()
await sender.talk('EHLO client.example.org', 'MAIL FROM:<eve@example.org>')
const [first, second] = await sender.talk('RCPT TO:<ada@example.net>', 'RCPT TO:<bob@example.net>')
await sender.talk('DATA')
sender.send('Subject: to Ada alone\r\n\r\n.\r\n')

equal(first, '250 2.1.5 OK')
equal(second, '452 4.5.3 Too many recipients')
equal(await peer.took(), 'Subject: to Ada alone\r\n\r\n')
equal(await sender.reply(), '421 4.3.2 Going down')
console.log(await peer.heard('RCPT', 2))
await peer.close()

// Prints:
// RCPT TO:<bob@example.net>
