export type { Result, SyntaxFault } from './result.ts'
export type { Domain, ForwardPath, Mailbox, ReversePath } from './mailbox.ts'
