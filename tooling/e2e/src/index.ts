/** The whole road for tests and the demo: processes, a mail client, an MTA at the other end, and what arrived. */

export { differences, hashOf, splitMessage, withCrlf } from './compare.ts'
export type { SplitMessage } from './compare.ts'
export { readMailbox } from './maildir.ts'
export type { StoredMail } from './maildir.ts'
export { ACCOUNTS, openRoad, PASSWORD } from './road.ts'
export type { Road, RoadOptions, RoadPart } from './road.ts'
export { ServiceProcess } from './service-process.ts'
export type { LogLine, ServiceCommand } from './service-process.ts'
export { mailbox, openSubmitter } from './submit.ts'
export type { Submitter } from './submit.ts'
export { openTestMta } from './test-mta.ts'
export type { Arrival, TestMta } from './test-mta.ts'
