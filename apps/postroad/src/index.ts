/**
 * Everything in one process, and the command-line tool.
 *
 * @packageDocumentation
 */

// The services in one process
export { createServices, ROLES } from './create-services.ts'
export type { Role } from './create-services.ts'
export { createSelfSigned } from './first-start.ts'

// Messages of a mail client
export { composeMessage } from './compose.ts'
export type { Attachment, Draft } from './compose.ts'

// The command line
export { runCommand } from './command.ts'
