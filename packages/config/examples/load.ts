// examples/load.ts
import { formatProblem, loadConfig } from '@postroad/config'

// A program gives the path alone, and `process.env` as `environment`.
const text = `
hostname = "mail.example.org"
[relay]
give-up-after = "3d"
`
const right = await loadConfig({ path: 'postroad.toml', text, environment: { POSTROAD_LOG__LEVEL: 'warn' } })
if (right.ok) console.log(right.config.relay.giveUpAfterMs, right.config.log.level)

const wrong = await loadConfig({ path: 'postroad.toml', text: 'hostnam = "x"\nmta.max-recipients = 5\n' })
if (!wrong.ok) for (const problem of wrong.problems) console.log(formatProblem(problem))

// Prints:
// 259200000 warn
// postroad.toml:1:1 hostnam: there is no such setting; did you mean hostname?
// postroad.toml:2:22 mta.max-recipients: saw 5, accepted: a whole number from 100 to 100000
