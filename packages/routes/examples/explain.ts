// examples/explain.ts
import { mailboxOf } from '@postroad/address'
import { createRoutes } from '@postroad/routes'

const routes = createRoutes([
  {
    name: 'partners',
    match: { domain: ['.example.net'], role: ['none'] },
    action: { transport: 'host', protocol: 'smtp', host: 'relay.example.net', port: 587, tls: 'required' },
  },
])
const { route, tried } = routes.explain({
  recipient: mailboxOf('bob@a.example.net'),
  role: 'none',
  reversePath: null,
  account: 'ada',
})
if (route.kind === 'deliver') console.log(route.group)
for (const { rule, matched, why } of tried) console.log(rule, matched, why)

// Prints:
// smtp:relay.example.net:587
// partners true role none, domain a.example.net
