import { describe, expect, it } from 'vitest'
import { mailboxOf } from '@postroad/address'
import { loadConfig, type Config } from '@postroad/config'
import { createRoutes, formatDestination } from '@postroad/routes'
import { ruleOf, smartHostRules } from '../src/route-rules.ts'

async function configOf(text: string): Promise<Config> {
  const loaded = await loadConfig({ text, defaultHostname: 'mail.example.org' })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.config
}

async function wayOf(text: string, recipient: string, role: 'local' | 'none'): Promise<string> {
  const config = await configOf(text)
  const routes = createRoutes([...config.routes.map(ruleOf), ...smartHostRules(config)])
  const route = routes.route({ recipient: mailboxOf(recipient), role, reversePath: null, account: undefined })
  return route.kind === 'refuse'
    ? `${route.reply.code} ${route.reply.lines.join()}`
    : formatDestination(route.destination)
}

describe('routes of the configuration', () => {
  const FILE = `
[[route]]
domain = "example.com"
to = "smtp:gate.example.com:2525"

[[route]]
recipient = "nobody@example.net"
to = "refuse"

[relay.smart-host]
host = "smart.example.org"
port = 587
`

  it.each([
    ['x@example.com', 'none', /gate\.example\.com:2525/],
    ['nobody@example.net', 'none', /^550 /],
    ['x@example.net', 'none', /smart\.example\.org:587/],
    ['ada@example.org', 'local', /local/],
  ] as const)('bring %s its way', async (recipient, role, expected) => {
    expect(await wayOf(FILE, recipient, role)).toMatch(expected)
  })

  it('leave mail to DNS without a smart host', async () => {
    expect(await wayOf('', 'x@example.net', 'none')).toMatch(/example\.net/)
  })
})
