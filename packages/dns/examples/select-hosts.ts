// examples/select-hosts.ts
import { parseDomain } from '@postroad/address'
import { createZoneResolver, selectMxHosts } from '@postroad/dns'
import { systemRandom } from '@postroad/runtime/system'

// A program takes `createSystemResolver()`; a test takes a zone.
const resolver = createZoneResolver(`
example.org MX 10 mx1.example.org
example.org MX 20 mx2.example.org
mx1.example.org A 192.0.2.1
mx2.example.org AAAA 2001:db8::2
example.net MX 0 .
`)
for (const name of ['example.org', 'example.net', 'example.com']) {
  const domain = parseDomain(name)
  if (!domain.ok) continue
  const options = { random: systemRandom, ownNames: ['mx.example.com'], allowPrivateAddresses: true }
  const selection = await selectMxHosts({ resolver, domain: domain.value, ...options })
  console.log(name, selection.kind === 'hosts' ? selection.hosts.map((host) => host.name) : selection)
}

// Prints:
// example.org [ 'mx1.example.org', 'mx2.example.org' ]
// example.net {
//   kind: 'failed',
//   status: '5.1.10',
//   text: 'The domain example.net accepts no mail (null MX)'
// }
// example.com {
//   kind: 'failed',
//   status: '5.1.2',
//   text: 'The domain example.com does not exist'
// }
