/** The routes of the configuration as rules of the table. */

import type { Config, RouteConfig } from '@postroad/config'
import { isStatus, reply } from '@postroad/envelope'
import type { RouteAction, RouteRule } from '@postroad/routes'

/** One `[[route]]`. */
export function ruleOf({ match, to }: RouteConfig): RouteRule {
  return { match, action: actionOf(to) }
}

function actionOf(to: RouteConfig['to']): RouteAction {
  switch (to.kind) {
    case 'local':
    case 'mx':
      return { transport: to.kind }
    case 'host': {
      const { kind: _kind, ...host } = to
      return { transport: 'host', ...host }
    }
    case 'refuse': {
      const { code, status, text } = to.reply
      return { transport: 'refuse', reply: reply(code, isStatus(status) ? status : undefined, text) }
    }
  }
}

/** `[relay.smart-host]` takes all that no route of the file took and that is not local. */
export function smartHostRules({ relay }: Config): readonly RouteRule[] {
  const { smartHost } = relay
  if (smartHost === undefined) return []
  const { host, port, tls } = smartHost
  return [
    {
      name: 'smart host',
      match: { role: ['relay', 'none'] },
      action: { transport: 'host', protocol: 'smtp', host, port, tls },
    },
  ]
}
