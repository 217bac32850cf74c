/** Our server and client beside those of others: the servers, the tools, and the replay of transcripts. */

// Servers of others
export { PEERS, whyNot } from './peers.ts'
export type { PeerKind, PeerOptions, PeerServer, Translation } from './peer.ts'

// Clients of others
export { provideMailTools } from './mail-tools.ts'
export type { MailTools } from './mail-tools.ts'

// Replays
export { EXPLANATIONS } from './explanations.ts'
export type { Case, Explanation } from './explanation.ts'
export { judge } from './judge.ts'
export type { Explained, Judgement } from './judge.ts'
export { replay } from './replay.ts'
export type { Difference, Replay } from './replay.ts'
export { replayAll } from './replay-all.ts'
export type { PeerReplays } from './replay-all.ts'
